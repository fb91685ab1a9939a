-- Times are microseconds of UTC, 0 for never. STRICT refuses text in them, as
-- PostgreSQL does. Keys are folded by the program; SQLite compares bytes.

CREATE TABLE settings (
	key   TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE config_version (
	id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
	version INTEGER NOT NULL
) STRICT;
INSERT INTO config_version (id, version) VALUES (1, 1);

CREATE TABLE user_schemas (
	id       TEXT NOT NULL PRIMARY KEY,
	document TEXT NOT NULL
) STRICT;

CREATE TABLE policies (
	id           TEXT    NOT NULL PRIMARY KEY,
	source       TEXT    NOT NULL UNIQUE,
	name         TEXT    NOT NULL UNIQUE,
	description  TEXT    NOT NULL,
	system       INTEGER NOT NULL CHECK (system IN (0, 1)),
	status       TEXT    NOT NULL,
	priority     INTEGER NOT NULL,
	rule         TEXT    NOT NULL,
	created      INTEGER NOT NULL,
	last_updated INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX policies_one_default ON policies (system) WHERE system;

CREATE TABLE hooks (
	id              TEXT    NOT NULL PRIMARY KEY,
	name            TEXT    NOT NULL UNIQUE,
	type            TEXT    NOT NULL,
	status          TEXT    NOT NULL,
	api_version     TEXT    NOT NULL,
	channel_type    TEXT    NOT NULL,
	channel_version TEXT    NOT NULL,
	uri             TEXT    NOT NULL,
	method          TEXT    NOT NULL,
	headers         TEXT    NOT NULL, -- sealed
	auth_key        TEXT,             -- null without header authentication
	auth_value      TEXT    NOT NULL, -- sealed
	created         INTEGER NOT NULL,
	last_updated    INTEGER NOT NULL,
	version         INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
	id               TEXT    NOT NULL PRIMARY KEY,
	status           TEXT    NOT NULL,
	login_key        TEXT    NOT NULL UNIQUE CHECK (login_key <> ''),
	profile          TEXT    NOT NULL,
	password         TEXT    NOT NULL,
	created          INTEGER NOT NULL,
	activated        INTEGER NOT NULL,
	status_changed   INTEGER NOT NULL,
	last_login       INTEGER NOT NULL,
	last_updated     INTEGER NOT NULL,
	password_changed INTEGER NOT NULL
) STRICT;

-- Logins and e-mail addresses, in one namespace.
CREATE TABLE user_names (
	name_key TEXT NOT NULL PRIMARY KEY,
	user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX user_names_user ON user_names (user_id);

CREATE TABLE user_groups (
	id           TEXT    NOT NULL PRIMARY KEY,
	name         TEXT    NOT NULL UNIQUE,
	description  TEXT    NOT NULL,
	built_in     INTEGER NOT NULL CHECK (built_in IN (0, 1)),
	created      INTEGER NOT NULL,
	last_updated INTEGER NOT NULL
) STRICT;

CREATE TABLE group_members (
	group_id TEXT NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
	user_id  TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	PRIMARY KEY (user_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_members_group ON group_members (group_id);

CREATE TABLE sessions (
	id       TEXT    NOT NULL PRIMARY KEY,
	hash     TEXT    NOT NULL UNIQUE,
	user_id  TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	created  INTEGER NOT NULL,
	last_use INTEGER NOT NULL,
	expires  INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE tokens (
	id        TEXT    NOT NULL PRIMARY KEY,
	name      TEXT    NOT NULL,
	hash      TEXT    NOT NULL UNIQUE,
	created   INTEGER NOT NULL,
	last_used INTEGER NOT NULL,
	expires   INTEGER NOT NULL
) STRICT;

CREATE TABLE interactions (
	id        TEXT    NOT NULL PRIMARY KEY,
	hash      TEXT    NOT NULL UNIQUE,
	version   INTEGER NOT NULL,
	state     TEXT    NOT NULL,
	user_id   TEXT    NOT NULL,
	deadline  INTEGER NOT NULL,
	messages  TEXT    NOT NULL,
	created   INTEGER NOT NULL,
	expires   INTEGER NOT NULL
) STRICT;
CREATE INDEX interactions_expires ON interactions (expires);

-- AUTOINCREMENT: a number does not come back when the newest event was pruned,
-- so that whoever reads on from one misses nothing.
CREATE TABLE events (
	sequence  INTEGER PRIMARY KEY AUTOINCREMENT,
	uuid      TEXT    NOT NULL,
	published INTEGER NOT NULL,
	type      TEXT    NOT NULL,
	record    TEXT    NOT NULL
) STRICT;
CREATE INDEX events_published ON events (published);

-- A search passes over content only when it is the last column: the rest of a
-- long row is on pages of its own.
CREATE TABLE hook_calls (
	id         TEXT    NOT NULL PRIMARY KEY,
	hook_id    TEXT    NOT NULL,
	user_id    TEXT    NOT NULL,
	login_key  TEXT    NOT NULL,
	preview    INTEGER NOT NULL CHECK (preview IN (0, 1)),
	started    INTEGER NOT NULL,
	body_bytes INTEGER NOT NULL,
	record     TEXT    NOT NULL, -- what stays
	content    TEXT    NOT NULL  -- what is erased with the person
) STRICT;
CREATE INDEX hook_calls_started ON hook_calls (started, id);
CREATE INDEX hook_calls_hook ON hook_calls (hook_id, started, id);
CREATE INDEX hook_calls_user ON hook_calls (user_id) WHERE user_id <> '';
CREATE INDEX hook_calls_login ON hook_calls (login_key) WHERE login_key <> '';
