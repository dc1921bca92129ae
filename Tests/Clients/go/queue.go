package main

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"strconv"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

// openQueue opens the queue. A missing file is an error, and none is created.
func openQueue(path string, wait time.Duration) (*sql.DB, error) {
	whole, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// In the name, because every connection of the pool needs these settings.
	settings := url.Values{
		"mode":          {"rw"},
		"_synchronous":  {"FULL"},
		"_txlock":       {"immediate"},
		"_busy_timeout": {strconv.FormatInt(wait.Milliseconds(), 10)},
	}
	name := url.URL{Scheme: "file", Path: whole, RawQuery: settings.Encode()}
	db, err := sql.Open("sqlite3", name.String())
	if err != nil {
		return nil, err
	}
	// Only one can write. The others would sleep until it has, instead of standing in line.
	db.SetMaxOpenConns(1)
	// Open has not looked at the file yet.
	if err := db.Ping(); err != nil {
		db.Close()
		return nil, err
	}
	return db, nil
}

// transaction does all of the work or none of it. The work must use tx and not db: the pool's only
// connection is taken.
func transaction(ctx context.Context, db *sql.DB, work func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // Does nothing after a commit.
	if err := work(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// execer is a *sql.DB or a *sql.Tx.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// ask returns the number of the new ask.
func ask(ctx context.Context, db execer, kind, lane, body string) (int64, error) {
	result, err := db.ExecContext(ctx,
		"INSERT INTO ask (kind, lane, body) VALUES (?, ?, ?)", kind, lane, body)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

func saw(ctx context.Context, db execer, token, key, openID string) error {
	_, err := db.ExecContext(ctx,
		"INSERT INTO sighting (token, key, open_id) VALUES (?, ?, nullif(?, ''))", token, key, openID)
	return err
}

// wait returns how the ask ended: delivered, dead, expired, cancelled or gone, or open if ctx ends
// first.
func wait(ctx context.Context, db *sql.DB, number int64) (string, error) {
	for pause := 20 * time.Millisecond; ; pause *= 2 {
		var outcome sql.NullString
		err := db.QueryRow("SELECT outcome FROM ask WHERE id = ?", number).Scan(&outcome)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return "gone", nil
		case err != nil:
			return "", err
		case outcome.Valid:
			return outcome.String, nil
		}
		if pause > time.Second {
			pause = time.Second
		}
		select {
		case <-ctx.Done():
			return "open", nil
		case <-time.After(pause):
		}
	}
}
