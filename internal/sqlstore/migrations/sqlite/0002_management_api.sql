-- What the management API adds.

-- Names of people as they are searched for: folded by the program.
ALTER TABLE users ADD COLUMN email_key TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN first_key TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN last_key TEXT NOT NULL DEFAULT '';
-- '' is the default user type.
ALTER TABLE users ADD COLUMN type_id TEXT NOT NULL DEFAULT '';
-- Provider, recovery question, failed sign-ins, earlier passwords.
ALTER TABLE users ADD COLUMN account TEXT NOT NULL DEFAULT '{}';
-- Until a user is next written. The program folds more letters than this.
UPDATE users SET
	email_key = lower(COALESCE(json_extract(profile, '$.email'), '')),
	first_key = lower(COALESCE(json_extract(profile, '$.firstName'), '')),
	last_key  = lower(COALESCE(json_extract(profile, '$.lastName'), ''));
CREATE INDEX users_email ON users (email_key, id);
CREATE INDEX users_first ON users (first_key, id);
CREATE INDEX users_last ON users (last_key, id);
CREATE INDEX users_status ON users (status, id);
CREATE INDEX users_type ON users (type_id, id) WHERE type_id <> '';
CREATE INDEX users_created ON users (created, id);
CREATE INDEX users_updated ON users (last_updated, id);

CREATE TABLE user_types (
	id           TEXT    NOT NULL PRIMARY KEY,
	name         TEXT    NOT NULL UNIQUE,
	document     TEXT    NOT NULL,
	created      INTEGER NOT NULL,
	last_updated INTEGER NOT NULL
) STRICT;
CREATE INDEX user_types_created ON user_types (created, id);

-- Values of attributes that must be unique.
CREATE TABLE user_unique_values (
	attribute TEXT NOT NULL,
	value_key TEXT NOT NULL,
	user_id   TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	PRIMARY KEY (attribute, value_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_unique_values_user ON user_unique_values (user_id);

-- Tokens that are mailed to people: to activate, to reset a password.
CREATE TABLE user_tokens (
	hash    TEXT    NOT NULL PRIMARY KEY,
	user_id TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	purpose TEXT    NOT NULL,
	created INTEGER NOT NULL,
	expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX user_tokens_user ON user_tokens (user_id);
CREATE INDEX user_tokens_expires ON user_tokens (expires);

-- Mail to be sent.
CREATE TABLE mail (
	id       TEXT    NOT NULL PRIMARY KEY,
	user_id  TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	kind     TEXT    NOT NULL,
	content  TEXT    NOT NULL, -- sealed
	created  INTEGER NOT NULL
) STRICT;
CREATE INDEX mail_created ON mail (created, id);
CREATE INDEX mail_user ON mail (user_id);

CREATE TABLE role_grants (
	id      TEXT    NOT NULL PRIMARY KEY,
	user_id TEXT    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	role    TEXT    NOT NULL,
	created INTEGER NOT NULL,
	UNIQUE (user_id, role)
) STRICT;
CREATE INDEX role_grants_role ON role_grants (role);

ALTER TABLE user_groups ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
ALTER TABLE user_groups ADD COLUMN last_membership_updated INTEGER NOT NULL DEFAULT 0;
UPDATE user_groups SET name_key = lower(name), last_membership_updated = created;
UPDATE user_groups SET description = 'All users in your organization' WHERE built_in AND description = '';
CREATE INDEX user_groups_name ON user_groups (name_key, id);
CREATE INDEX user_groups_updated ON user_groups (last_updated, id);
DROP INDEX group_members_group;
CREATE INDEX group_members_group ON group_members (group_id, user_id);
-- When somebody joined, for the last time that the members changed: sign-ups at
-- the same time must not write to the row of a group that they share.
ALTER TABLE group_members ADD COLUMN added INTEGER NOT NULL DEFAULT 0;
CREATE INDEX group_members_added ON group_members (group_id, added);

-- A token of nobody has the rights of its role.
ALTER TABLE tokens ADD COLUMN user_id TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN role TEXT NOT NULL DEFAULT 'SUPER_ADMIN';
ALTER TABLE tokens ADD COLUMN last_updated INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tokens_created ON tokens (created, id);
CREATE INDEX tokens_user ON tokens (user_id) WHERE user_id <> '';

-- '' and sealed '' without OAuth.
ALTER TABLE hooks ADD COLUMN oauth TEXT NOT NULL DEFAULT '';
ALTER TABLE hooks ADD COLUMN client_secret TEXT NOT NULL DEFAULT '';
CREATE INDEX hooks_created ON hooks (created, id);
CREATE INDEX policies_priority ON policies (priority, id);

CREATE TABLE hook_keys (
	id           TEXT    NOT NULL PRIMARY KEY,
	key_id       TEXT    NOT NULL UNIQUE,
	name         TEXT    NOT NULL UNIQUE,
	private_key  TEXT    NOT NULL, -- sealed
	created      INTEGER NOT NULL,
	last_updated INTEGER NOT NULL
) STRICT;
CREATE INDEX hook_keys_created ON hook_keys (created, id);

CREATE TABLE event_hooks (
	id           TEXT    NOT NULL PRIMARY KEY,
	name         TEXT    NOT NULL UNIQUE,
	status       TEXT    NOT NULL,
	document     TEXT    NOT NULL,
	headers      TEXT    NOT NULL, -- sealed
	auth_key     TEXT,             -- null without header authentication
	auth_value   TEXT    NOT NULL, -- sealed
	created      INTEGER NOT NULL,
	last_updated INTEGER NOT NULL,
	version      INTEGER NOT NULL
) STRICT;
CREATE INDEX event_hooks_created ON event_hooks (created, id);

CREATE TABLE apps (
	id           TEXT NOT NULL PRIMARY KEY,
	client_id    TEXT NOT NULL UNIQUE,
	name         TEXT NOT NULL,
	label        TEXT    NOT NULL,
	label_key    TEXT NOT NULL,
	status       TEXT    NOT NULL,
	policy_id    TEXT REFERENCES policies (id) ON DELETE SET NULL, -- null is the default one
	document     TEXT    NOT NULL,
	secrets      TEXT    NOT NULL, -- sealed
	created      INTEGER NOT NULL,
	last_updated INTEGER NOT NULL,
	version      INTEGER NOT NULL
) STRICT;
CREATE INDEX apps_policy ON apps (policy_id, id);

CREATE TABLE app_groups (
	app_id       TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
	group_id     TEXT NOT NULL REFERENCES user_groups (id) ON DELETE CASCADE,
	priority     INTEGER NOT NULL,
	profile      TEXT    NOT NULL,
	last_updated INTEGER NOT NULL,
	PRIMARY KEY (app_id, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX app_groups_group ON app_groups (group_id, app_id);

CREATE TABLE app_users (
	app_id       TEXT NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
	user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	user_name    TEXT    NOT NULL,
	profile      TEXT    NOT NULL,
	created      INTEGER NOT NULL,
	last_updated INTEGER NOT NULL,
	PRIMARY KEY (app_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX app_users_user ON app_users (user_id);

CREATE TABLE signing_keys (
	id          TEXT NOT NULL PRIMARY KEY,
	status      TEXT    NOT NULL,
	private_key TEXT    NOT NULL, -- sealed
	created     INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX signing_keys_one_active ON signing_keys (status) WHERE status = 'ACTIVE';

CREATE TABLE trusted_origins (
	id           TEXT    NOT NULL PRIMARY KEY,
	name         TEXT    NOT NULL UNIQUE,
	origin       TEXT    NOT NULL UNIQUE,
	status       TEXT    NOT NULL,
	document     TEXT    NOT NULL,
	created      INTEGER NOT NULL,
	last_updated INTEGER NOT NULL
) STRICT;
CREATE INDEX trusted_origins_created ON trusted_origins (created, id);

-- With their rules.
CREATE TABLE password_policies (
	id           TEXT    NOT NULL PRIMARY KEY,
	name         TEXT    NOT NULL UNIQUE,
	system       INTEGER NOT NULL CHECK (system IN (0, 1)),
	priority     INTEGER NOT NULL,
	status       TEXT    NOT NULL,
	document     TEXT    NOT NULL,
	created      INTEGER NOT NULL,
	last_updated INTEGER NOT NULL
) STRICT;
CREATE INDEX password_policies_priority ON password_policies (priority, id);
CREATE UNIQUE INDEX password_policies_one_default ON password_policies (system) WHERE system;
