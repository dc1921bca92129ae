<?php

declare(strict_types=1);

/** Opens the queue. A missing file is an error, and none is created. */
function open_queue(string $path, float $wait_s = 10): PDO
{
    $db = new PDO("sqlite:$path", null, null, [
        PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
        PDO::SQLITE_ATTR_OPEN_FLAGS => PDO::SQLITE_OPEN_READWRITE,
    ]);
    // PDO::ATTR_TIMEOUT counts whole seconds, and 60 is its default.
    $db->exec('PRAGMA busy_timeout = ' . (int) ($wait_s * 1000));
    // A commit is on disk when it returns, whatever this SQLite was compiled with.
    $db->exec('PRAGMA synchronous = FULL');
    return $db;
}

/** Does all of the work or none of it. PDO::beginTransaction would not lock the queue yet. */
function transaction(PDO $db, callable $work): mixed
{
    $db->exec('BEGIN IMMEDIATE');
    try {
        $result = $work();
        $db->exec('COMMIT');
        return $result;
    } catch (Throwable $error) {
        try {
            $db->exec('ROLLBACK');
        } catch (PDOException) {
            // Some errors, such as a full disk, have already rolled it back.
        }
        throw $error;
    }
}

/** Returns the number of the new ask. */
function ask(PDO $db, string $kind, string $lane, string $body): int
{
    $db->prepare('INSERT INTO ask (kind, lane, body) VALUES (?, ?, ?)')
        ->execute([$kind, $lane, $body]);
    return (int) $db->lastInsertId();
}

function saw(PDO $db, string $token, string $key, ?string $open_id = null): void
{
    $db->prepare('INSERT INTO sighting (token, key, open_id) VALUES (?, ?, ?)')
        ->execute([$token, $key, $open_id]);
}

/** How the ask ended: delivered, dead, expired, cancelled or gone, or open if it has not. */
function wait(PDO $db, int $number, float $seconds): string
{
    $end = hrtime(true) + $seconds * 1e9;
    $look = $db->prepare('SELECT outcome FROM ask WHERE id = ?');
    for ($pause = 0.02;; $pause = min(2 * $pause, 1)) {
        $look->execute([$number]);
        $row = $look->fetch(PDO::FETCH_NUM);
        // Without this the statement would go on reading the queue as it is now.
        $look->closeCursor();
        if ($row === false) {
            return 'gone';
        }
        if ($row[0] !== null) {
            return $row[0];
        }
        if (hrtime(true) >= $end) {
            return 'open';
        }
        usleep((int) ($pause * 1e6));
    }
}
