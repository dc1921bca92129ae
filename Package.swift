// swift-tools-version: 6.0
import PackageDescription

let package = Package(
  name: "larkspur",
  products: [
    .library(name: "Larkspur", targets: ["Larkspur"]),
    .executable(name: "larkspur", targets: ["Command"]),
    .executable(name: "larkspur-work", targets: ["WorkCommand"]),
    .executable(name: "larkspur-sandbox", targets: ["Sandbox"]),
  ],
  targets: [
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3",
      providers: [.apt(["libsqlite3-dev"]), .yum(["sqlite-devel"]), .brew(["sqlite"])]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"]), .yum(["libcurl-devel"]), .brew(["curl"])]),
    .systemLibrary(
      name: "CMicroHTTPD", pkgConfig: "libmicrohttpd",
      providers: [
        .apt(["libmicrohttpd-dev"]), .yum(["libmicrohttpd-devel"]), .brew(["libmicrohttpd"]),
      ]),

    .systemLibrary(name: "CLinux"),

    .target(name: "Planning"),
    .target(name: "Version"),
    .target(
      name: "Larkspur", dependencies: ["Planning", "Version", "CSQLite"],
      resources: [.embedInCode("migrations")]),
    .target(
      name: "Delivery", dependencies: ["Planning", "Larkspur", "Terminal", "Version", "CCurl"]),
    .target(name: "Terminal", dependencies: ["CLinux"]),
    .target(name: "QueueAccess", dependencies: ["Larkspur", "Terminal"]),
    .executableTarget(
      name: "Command",
      dependencies: ["Larkspur", "Planning", "QueueAccess", "Terminal", "Version"]),
    .executableTarget(
      name: "WorkCommand",
      dependencies: [
        "CLinux", "Delivery", "Larkspur", "Planning", "QueueAccess", "Terminal", "Version",
      ]),
    .executableTarget(
      name: "Sandbox", dependencies: ["Terminal", "Version", "CMicroHTTPD"],
      exclude: ["Page/screenshot.png"]),

    .executableTarget(
      name: "Simulation", dependencies: ["Delivery", "Larkspur", "CSQLite"],
      path: "Tests/Simulation", exclude: ["README.md", "Defects"]),
    .testTarget(name: "PlanningTests", dependencies: ["Planning"]),
    .testTarget(name: "LarkspurTests", dependencies: ["Larkspur", "Planning", "Version"]),
    .testTarget(name: "DeliveryTests", dependencies: ["Delivery", "Larkspur", "Planning"]),
    .testTarget(
      name: "WorkCommandTests", dependencies: ["WorkCommand", "Delivery", "Planning", "Terminal"]),
    // What tests of the real programs share: starting them, and judging what became of their asks.
    .target(name: "Programs", dependencies: ["Larkspur"], path: "Tests/Programs"),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["Programs", "Command", "WorkCommand", "Sandbox", "Larkspur", "Planning"]),
    .testTarget(
      name: "FaultTests",
      dependencies: ["Programs", "Command", "WorkCommand", "Sandbox", "Larkspur"],
      path: "Tests/Faults"),
    .testTarget(name: "TerminalTests", dependencies: ["Terminal"]),
    .testTarget(name: "SandboxTests", dependencies: ["Sandbox", "Terminal", "CMicroHTTPD"]),
    .testTarget(
      name: "CommandTests",
      dependencies: ["Command", "Larkspur", "Planning", "QueueAccess", "Terminal", "Version"]),
  ]
)
