-- Times are microseconds of UTC, 0 for never. What is compared or sorted has the
-- collation "C", so that a database in any language orders bytes, as SQLite does.

CREATE TABLE settings (
	key   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
);

CREATE TABLE config_version (
	id      BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
	version BIGINT NOT NULL
);
INSERT INTO config_version (id, version) VALUES (1, 1);

CREATE TABLE user_schemas (
	id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	document TEXT NOT NULL
);

CREATE TABLE policies (
	id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	source       TEXT COLLATE "C" NOT NULL UNIQUE,
	name         TEXT COLLATE "C" NOT NULL UNIQUE,
	description  TEXT    NOT NULL,
	system       BOOLEAN NOT NULL,
	status       TEXT    NOT NULL,
	priority     BIGINT  NOT NULL,
	rule         TEXT    NOT NULL,
	created      BIGINT  NOT NULL,
	last_updated BIGINT  NOT NULL
);
CREATE UNIQUE INDEX policies_one_default ON policies (system) WHERE system;

CREATE TABLE hooks (
	id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	name            TEXT COLLATE "C" NOT NULL UNIQUE,
	type            TEXT COLLATE "C" NOT NULL,
	status          TEXT    NOT NULL,
	api_version     TEXT    NOT NULL,
	channel_type    TEXT    NOT NULL,
	channel_version TEXT    NOT NULL,
	uri             TEXT    NOT NULL,
	method          TEXT    NOT NULL,
	headers         TEXT    NOT NULL, -- sealed
	auth_key        TEXT,             -- null without header authentication
	auth_value      TEXT    NOT NULL, -- sealed
	created         BIGINT  NOT NULL,
	last_updated    BIGINT  NOT NULL,
	version         BIGINT  NOT NULL
);

CREATE TABLE users (
	id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	status           TEXT    NOT NULL,
	login_key        TEXT COLLATE "C" NOT NULL UNIQUE CHECK (login_key <> ''),
	profile          TEXT    NOT NULL,
	password         TEXT    NOT NULL,
	created          BIGINT  NOT NULL,
	activated        BIGINT  NOT NULL,
	status_changed   BIGINT  NOT NULL,
	last_login       BIGINT  NOT NULL,
	last_updated     BIGINT  NOT NULL,
	password_changed BIGINT  NOT NULL
);

-- Logins and e-mail addresses, in one namespace.
CREATE TABLE user_names (
	name_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	user_id  TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX user_names_user ON user_names (user_id);

CREATE TABLE user_groups (
	id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	name         TEXT COLLATE "C" NOT NULL UNIQUE,
	description  TEXT    NOT NULL,
	built_in     BOOLEAN NOT NULL,
	created      BIGINT  NOT NULL,
	last_updated BIGINT  NOT NULL
);

CREATE TABLE group_members (
	group_id TEXT COLLATE "C" NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
	user_id  TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	PRIMARY KEY (user_id, group_id)
);
CREATE INDEX group_members_group ON group_members (group_id);

CREATE TABLE sessions (
	id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	hash     TEXT COLLATE "C" NOT NULL UNIQUE,
	user_id  TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	created  BIGINT  NOT NULL,
	last_use BIGINT  NOT NULL,
	expires  BIGINT  NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE tokens (
	id        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	name      TEXT COLLATE "C" NOT NULL,
	hash      TEXT COLLATE "C" NOT NULL UNIQUE,
	created   BIGINT  NOT NULL,
	last_used BIGINT  NOT NULL,
	expires   BIGINT  NOT NULL
);

CREATE TABLE interactions (
	id        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	hash      TEXT COLLATE "C" NOT NULL UNIQUE,
	version   BIGINT  NOT NULL,
	state     TEXT    NOT NULL,
	user_id   TEXT COLLATE "C" NOT NULL,
	deadline  BIGINT  NOT NULL,
	messages  TEXT    NOT NULL,
	created   BIGINT  NOT NULL,
	expires   BIGINT  NOT NULL
);
CREATE INDEX interactions_expires ON interactions (expires);

CREATE TABLE events (
	sequence  BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	uuid      TEXT COLLATE "C" NOT NULL,
	published BIGINT  NOT NULL,
	type      TEXT COLLATE "C" NOT NULL,
	record    TEXT    NOT NULL
);
CREATE INDEX events_published ON events (published);

-- Numbers are given when rows are made, and rows are seen when transactions
-- commit. Whoever reads on from the last number would miss an event with a lower
-- one that commits later. So who appends waits for who appended, from the first
-- event on until the end of the transaction. The key is the number of the table.
CREATE FUNCTION events_in_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(TG_RELID::BIGINT);
	RETURN NULL;
END
$$;
CREATE TRIGGER events_in_turn BEFORE INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION events_in_turn();

CREATE TABLE hook_calls (
	id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	hook_id    TEXT COLLATE "C" NOT NULL,
	user_id    TEXT COLLATE "C" NOT NULL,
	login_key  TEXT COLLATE "C" NOT NULL,
	preview    BOOLEAN NOT NULL,
	started    BIGINT  NOT NULL,
	body_bytes BIGINT  NOT NULL,
	record     TEXT    NOT NULL, -- what stays
	content    TEXT    NOT NULL  -- what is erased with the person
);
CREATE INDEX hook_calls_started ON hook_calls (started, id);
CREATE INDEX hook_calls_hook ON hook_calls (hook_id, started, id);
CREATE INDEX hook_calls_user ON hook_calls (user_id) WHERE user_id <> '';
CREATE INDEX hook_calls_login ON hook_calls (login_key) WHERE login_key <> '';
