// swift-tools-version: 6.0
import PackageDescription

// scripts/fuzz links the programs into one executable whose entry point comes from libFuzzer. For
// that build they are libraries without their Main.swift. Other builds are not affected.
let isFuzzing = Context.environment["LARKSPUR_FUZZ"] != nil

// The commit that `--version` names. scripts/install and scripts/release set it; other builds name none.
let commit = Context.environment["LARKSPUR_COMMIT"] ?? ""

func program(
  _ name: String, dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  isFuzzing
    ? .target(name: name, dependencies: dependencies, exclude: exclude + ["Main.swift"])
    : .executableTarget(name: name, dependencies: dependencies, exclude: exclude)
}

let programs: [Product] = [
  .executable(name: "larkspur", targets: ["CommandProgram"]),
  .executable(name: "larkspur-work", targets: ["WorkProgram"]),
  .executable(name: "larkspur-shared", targets: ["SharedProgram"]),
  .executable(name: "larkspur-sandbox", targets: ["Sandbox"]),
]

/// Programs whose entry point is all that is in them.
let entryPoints: [Target] = [
  .executableTarget(name: "CommandProgram", dependencies: ["Command"]),
  .executableTarget(name: "WorkProgram", dependencies: ["WorkCommand"]),
  .executableTarget(
    name: "SharedProgram",
    dependencies: [
      "Basics", "CLinux", "Command", "Delivery", "Larkspur", "LarkspurShared", "Planning",
      "PostgreSQL", "QueueAccess", "Sharing", "Terminal", "Transport", "WorkCommand",
    ]),
]

let fuzzing: [Target] = [
  .executableTarget(
    name: "Fuzz",
    dependencies: [
      "Command", "Delivery", "Larkspur", "Picture", "Planning", "Sandbox", "Terminal",
      "WorkCommand",
    ],
    path: "Tests/Fuzz", exclude: ["Corpus", "Words", "README.md"])
]

let package = Package(
  name: "larkspur",
  products: [
    .library(name: "Larkspur", targets: ["Larkspur"]),
    // It alone links libpq.
    .library(name: "LarkspurShared", targets: ["LarkspurShared"]),
  ] + (isFuzzing ? [] : programs),
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
    .systemLibrary(
      name: "CPostgreSQL", pkgConfig: "libpq",
      providers: [.apt(["libpq-dev"]), .yum(["libpq-devel"]), .brew(["libpq"])]),

    .target(
      name: "CLinux",
      cSettings: commit.isEmpty ? [] : [.define("LARKSPUR_COMMIT", to: "\"\(commit)\"")]),
    // What the library and the programs need of the operating system, and the version.
    .target(name: "Basics", dependencies: ["CLinux"]),
    .target(name: "Planning"),
    .target(
      name: "Larkspur", dependencies: ["Basics", "CLinux", "CSQLite", "Planning"],
      // The schema of the shared queue is not the library's.
      exclude: ["migrations/postgresql"],
      resources: [.embedInCode("migrations")]),
    // The worker's loop and Feishu's wire format, without a network, so that the simulation can run
    // them on a scripted world.
    .target(name: "Delivery", dependencies: ["Planning", "Larkspur", "Terminal"]),
    // How several workers share one queue: who works which account, and what an heir may assume.
    .target(
      name: "Sharing", dependencies: ["Delivery", "Larkspur", "Planning", "PostgreSQL"],
      resources: [.embedInCode("migrations")]),
    // Sessions with PostgreSQL. Only programs for shared queues link it, and libpq with it.
    .target(name: "PostgreSQL", dependencies: ["CPostgreSQL", "Planning"]),
    .target(name: "LarkspurShared", dependencies: ["Larkspur", "PostgreSQL"]),
    // A backend in Swift on a shared queue, for Tests/Shared.
    .executableTarget(
      name: "SharedSwiftClient", dependencies: ["Larkspur", "LarkspurShared"],
      path: "Tests/Shared/SwiftClient"),
    .target(
      name: "Transport", dependencies: ["Basics", "Delivery", "Larkspur", "Terminal", "CCurl"]),
    .target(name: "Terminal", dependencies: ["Basics", "CLinux", "Planning"]),
    // What people look at: HTML, charts, the report's page and trace, and pictures for a terminal. It reads no
    // file and no clock.
    .target(name: "Picture", dependencies: ["Planning", "Terminal"]),
    .target(name: "QueueAccess", dependencies: ["Basics", "Larkspur", "Terminal"]),
    // Accounts from the configuration file and the environment.
    .target(name: "Configuring", dependencies: ["Basics", "Delivery", "Planning", "Terminal"]),
    // The checks of `larkspur doctor`, for both programs. It has no network of its own.
    .target(
      name: "Doctor",
      dependencies: [
        "Basics", "CLinux", "Configuring", "Delivery", "Larkspur", "Planning", "QueueAccess",
        "Terminal",
      ]),
    .target(
      name: "Command",
      dependencies: [
        "Basics", "CLinux", "Delivery", "Doctor", "Larkspur", "Picture", "Planning", "QueueAccess",
        "Terminal",
      ]),
    .target(
      name: "WorkCommand",
      dependencies: [
        "Basics", "CLinux", "Configuring", "Delivery", "Doctor", "Larkspur", "Planning",
        "QueueAccess", "Terminal", "Transport",
      ]),
    program(
      "Sandbox", dependencies: ["Basics", "Picture", "Terminal", "CMicroHTTPD"],
      exclude: ["Page/screenshot.png"]),

    .executableTarget(
      name: "Simulation", dependencies: ["Chance", "Delivery", "Larkspur", "Planning", "CSQLite"],
      path: "Tests/Simulation", exclude: ["README.md", "Defects"]),
    // Several machines on one shared queue, with the real loop, the real SQL and a server for each run.
    .executableTarget(
      name: "Machines",
      dependencies: ["Chance", "Delivery", "Larkspur", "Planning", "PostgreSQL", "Sharing"],
      path: "Tests/Machines", exclude: ["README.md", "Defects", "machines.py"]),
    .executableTarget(
      name: "PackingBench", dependencies: ["Chance", "Larkspur", "Planning"],
      path: "Tests/Bench/Packing"),
    // Larkspur's own store, measured by scripts/bench.
    .executableTarget(
      name: "StoreBench", dependencies: ["Delivery", "Larkspur", "Planning", "CSQLite"],
      path: "Tests/Bench/Store"),
    // Random values and an order of events that a seed reproduces, for tests, simulations and benchmarks.
    .target(name: "Chance", dependencies: ["Planning"], path: "Tests/Chance"),
    // Keeps SQLite from counting its memory in the tests, before the first of them begins.
    .target(name: "Uncounted", dependencies: ["CSQLite"], path: "Tests/Uncounted"),
    // Reads metrics as Prometheus does.
    .target(name: "Scraping", path: "Tests/Scraping"),
    .testTarget(name: "BasicsTests", dependencies: ["Basics", "CLinux"]),
    .testTarget(name: "PlanningTests", dependencies: ["Chance", "Planning", "Scraping"]),
    .testTarget(
      name: "LarkspurTests",
      dependencies: ["Basics", "Chance", "Larkspur", "Planning", "Uncounted"]),
    .testTarget(
      name: "DeliveryTests", dependencies: ["Chance", "Delivery", "Larkspur", "Planning"],
      exclude: ["OldQueue"]),
    .testTarget(
      name: "TransportTests",
      dependencies: ["CCurl", "Chance", "Delivery", "Larkspur", "Terminal", "Transport"]),
    .testTarget(name: "PostgreSQLTests", dependencies: ["PostgreSQL"]),
    .testTarget(name: "SharingTests", dependencies: ["Chance", "Planning", "Sharing"]),
    .testTarget(
      name: "ConfiguringTests", dependencies: ["Configuring", "Delivery", "Planning", "Terminal"]),
    .testTarget(
      name: "DoctorTests",
      dependencies: [
        "Basics", "Configuring", "Delivery", "Doctor", "Larkspur", "Planning", "Programs",
        "Terminal",
      ]),
    .testTarget(
      name: "WorkCommandTests",
      dependencies: ["Configuring", "WorkCommand", "Delivery", "Planning", "Terminal"]),
    // Shared by the tests that run the real programs: starts them and checks what became of their
    // asks.
    .target(name: "Programs", dependencies: ["Larkspur"], path: "Tests/Programs"),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "Programs", "Command", "WorkCommand", "Sandbox", "Larkspur", "Planning", "Scraping",
        "Terminal",
      ],
      exclude: ["Callbacks/app.py", "HTTP2/server.py", "Service/Confined"]),
    .testTarget(
      name: "FaultTests",
      dependencies: ["Chance", "Programs", "Command", "WorkCommand", "Sandbox", "Larkspur"],
      path: "Tests/Faults"),
    .testTarget(name: "TerminalTests", dependencies: ["Terminal"]),
    .testTarget(name: "PictureTests", dependencies: ["Picture", "Planning", "Terminal"]),
    .testTarget(
      name: "SandboxTests", dependencies: ["Picture", "Sandbox", "Terminal", "CMicroHTTPD"]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "Basics", "Command", "Delivery", "Doctor", "Larkspur", "Picture", "Planning",
        "QueueAccess", "Scraping", "Terminal",
      ]),
  ] + (isFuzzing ? fuzzing : entryPoints)
)
