// What test_clients.py has every language do. The commands are described there.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"time"
)

const everyone = `{"everyone":true}`

// change does both or neither: no ticket changes without a refresh of its previews.
func change(ctx context.Context, db *sql.DB, ticket, title, body string) (number int64, err error) {
	err = transaction(ctx, db, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO app_ticket (id, title) VALUES (?, ?)
			ON CONFLICT (id) DO UPDATE SET title = excluded.title`, ticket, title)
		if err != nil {
			return err
		}
		number, err = ask(ctx, tx, "key", "ticket-"+ticket, body)
		return err
	})
	return number, err
}

// record is for the callback's handler. Feishu waits 3 s for the answer: a missed sighting comes
// with the user's next look, a missed answer never does.
func record(ctx context.Context, path, token, key string) error {
	db, err := openQueue(path, 200*time.Millisecond)
	if err != nil {
		return err
	}
	defer db.Close()
	return saw(ctx, db, token, key, "")
}

func crowd(ctx context.Context, db *sql.DB, name string, count int) (delivered int, err error) {
	var numbers []int64
	for each := 0; each < count; each++ {
		number, err := ask(ctx, db, "preview", fmt.Sprintf("%s-%d", name, each), everyone)
		if err != nil {
			return 0, err
		}
		numbers = append(numbers, number)
	}
	for _, number := range numbers {
		outcome, err := wait(ctx, db, number)
		if err != nil {
			return 0, err
		}
		if outcome == "delivered" {
			delivered++
		}
	}
	return delivered, nil
}

func settings(db *sql.DB) (string, error) {
	var synchronous, timeout int
	if err := db.QueryRow("PRAGMA synchronous").Scan(&synchronous); err != nil {
		return "", err
	}
	err := db.QueryRow("PRAGMA busy_timeout").Scan(&timeout)
	return fmt.Sprint(synchronous, timeout), err
}

func run(command, path string, words []string) (any, error) {
	ctx := context.Background()
	if command == "saw" {
		begun := time.Now()
		answer := "recorded"
		if err := record(ctx, path, words[0], words[1]); err != nil {
			answer = "not recorded: " + err.Error()
		}
		return fmt.Sprintf("%d ms, %s", time.Since(begun).Milliseconds(), answer), nil
	}
	db, err := openQueue(path, 10*time.Second)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	switch command {
	case "settings":
		return settings(db)
	case "ask":
		return ask(ctx, db, words[0], words[1], words[2])
	case "change":
		return change(ctx, db, words[0], words[1], words[2])
	case "wait":
		number, err := strconv.ParseInt(words[0], 10, 64)
		if err != nil {
			return nil, err
		}
		seconds, err := time.ParseDuration(words[1] + "s")
		if err != nil {
			return nil, err
		}
		ctx, stop := context.WithTimeout(ctx, seconds)
		defer stop()
		return wait(ctx, db, number)
	case "crowd":
		count, err := strconv.Atoi(words[1])
		if err != nil {
			return nil, err
		}
		ctx, stop := context.WithTimeout(ctx, time.Minute)
		defer stop()
		return crowd(ctx, db, words[0], count)
	}
	return nil, fmt.Errorf("unknown command %s", command)
}

func main() {
	answer, err := run(os.Args[1], os.Args[2], os.Args[3:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(answer)
}
