<?php

// What test_clients.py has every language do. The commands are described there.

declare(strict_types=1);

require __DIR__ . '/queue.php';

const EVERYONE = '{"everyone":true}';

/** Both or neither: no ticket changes without a refresh of its previews. */
function change(PDO $db, string $ticket, string $title, string $body): int
{
    return transaction($db, function () use ($db, $ticket, $title, $body) {
        $db->prepare(
            'INSERT INTO app_ticket (id, title) VALUES (?, ?)'
            . ' ON CONFLICT (id) DO UPDATE SET title = excluded.title'
        )->execute([$ticket, $title]);
        return ask($db, 'key', "ticket-$ticket", $body);
    });
}

/** In the callback's handler. Feishu waits 3 s for the answer: a missed sighting comes with the
 * user's next look, a missed answer never does. */
function record(string $path, string $token, string $key): string
{
    try {
        saw(open_queue($path, 0.2), $token, $key);
        return 'recorded';
    } catch (PDOException $error) {
        return 'not recorded: ' . $error->getMessage();
    }
}

function crowd(PDO $db, string $name, int $count): int
{
    $numbers = [];
    for ($each = 0; $each < $count; $each++) {
        $numbers[] = ask($db, 'preview', "$name-$each", EVERYONE);
    }
    $delivered = array_filter($numbers, fn ($number) => wait($db, $number, 60) === 'delivered');
    return count($delivered);
}

function run(string $command, string $path, string ...$words): string
{
    if ($command === 'saw') {
        $begun = hrtime(true);
        $answer = record($path, ...$words);
        return intdiv(hrtime(true) - $begun, 1_000_000) . " ms, $answer";
    }
    $db = open_queue($path);
    $setting = fn ($name) => $db->query("PRAGMA $name")->fetchColumn();
    return (string) match ($command) {
        'settings' => $setting('synchronous') . ' ' . $setting('busy_timeout'),
        'ask' => ask($db, ...$words),
        'change' => change($db, ...$words),
        'wait' => wait($db, (int) $words[0], (float) $words[1]),
        'crowd' => crowd($db, $words[0], (int) $words[1]),
    };
}

try {
    echo run(...array_slice($argv, 1)), "\n";
} catch (PDOException $error) {
    fwrite(STDERR, $error->getMessage() . "\n");
    exit(1);
}
