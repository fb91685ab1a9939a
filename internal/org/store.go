package org

import (
	"context"
	"time"

	"github.com/usher-id/usher/internal/profile"
)

// Store keeps an org. A transaction is a closure:
//
//   - it may run twice, when the database asks for another try, so it sets what
//     it gives out and never adds to it;
//   - it does no I/O of its own: no call of a hook, no mail, no hash, no sleep.
//     A transaction is never open while something outside is waited for;
//   - it ends at the first error, ErrNotFound excepted, which is an answer. What
//     the closure returns comes back as it is. A closure that goes on and returns
//     nil gets nothing done, and the error back.
//
// Lists are never nil. Text that has a NUL or is not UTF-8 is refused with a
// [fault.Error] of kind Invalid, and replaced in records (events, calls). A
// database that is locked, full or away gives a [fault.Error] of kind Busy.
type Store interface {
	// View reads one consistent state. Writing in it fails.
	View(ctx context.Context, read func(context.Context, *Tx) error) error
	// Update writes all or nothing, and is on disk when it returns.
	Update(ctx context.Context, write func(context.Context, *Tx) error) error
	// UpdateSoon is Update without the wait for the disk: a crash of the process
	// loses nothing, a power cut may lose the last of them. It is for what may be
	// lost, such as the note that a hook is being called.
	UpdateSoon(ctx context.Context, write func(context.Context, *Tx) error) error
	// Ping tells whether the database answers.
	Ping(ctx context.Context) error
	Close() error
}

// Tx is one transaction, as the roles that it plays.
type Tx struct {
	Users            Users
	UserTokens       UserTokens
	Mails            Mails
	Groups           Groups
	Members          Members
	Grants           Grants
	UserTypes        UserTypes
	Schemas          Schemas
	Policies         Policies
	PasswordPolicies PasswordPolicies
	TrustedOrigins   TrustedOrigins
	Apps             Apps
	AppGroups        AppGroups
	AppUsers         AppUsers
	SigningKeys      SigningKeys
	Hooks            Hooks
	HookKeys         HookKeys
	EventHooks       EventHooks
	Events           Events
	Calls            Calls
	Tokens           Tokens
	Sessions         Sessions
	Interactions     Interactions
	Settings         Settings
}

// Users keeps people. Logins and e-mail addresses share one namespace: nobody
// can register a login that is another's address.
type Users interface {
	// Create adds a user. A login, or an address, that is taken gives
	// ErrLoginTaken, and the value of a unique attribute a [ValueTakenError].
	Create(ctx context.Context, u *User) error
	// Get gives a user by id, or ErrNotFound.
	Get(ctx context.Context, id string) (*User, error)
	// ByLogin gives a user by a login as typed, folded by profile.FoldLogin, or
	// ErrNotFound.
	ByLogin(ctx context.Context, login string) (*User, error)
	// Taken tells whether a login or an address is one of a user already; both
	// are folded.
	Taken(ctx context.Context, names ...string) (bool, error)
	// Update replaces a user, by id. It gives ErrNotFound, ErrLoginTaken or a
	// [ValueTakenError].
	Update(ctx context.Context, u *User) error
	// Delete removes a user with sessions and memberships, or ErrNotFound. Use
	// [DeleteUser], which also erases what records hold of the person.
	Delete(ctx context.Context, id string) error
	// Scan gives users in order, each with its position, until yield says false.
	Scan(ctx context.Context, q UserQuery, yield func(*User, UserPosition) bool) error
}

// UserTokens keeps what lets people activate themselves or reset their passwords,
// by the hash of the token. They go with their users.
type UserTokens interface {
	Create(ctx context.Context, t *UserToken) error
	// ByHash gives a token by HashToken of its text, or ErrNotFound.
	ByHash(ctx context.Context, hash string) (*UserToken, error)
	// Take gives a token and removes it: of several who take one at once, one gets
	// it and the others ErrNotFound. Whether it has expired is for the caller to see.
	Take(ctx context.Context, hash string) (*UserToken, error)
	// DeleteOfUser removes all tokens of a user.
	DeleteOfUser(ctx context.Context, userID string) error
	// Prune removes tokens that expired before, and says how many.
	Prune(ctx context.Context, before time.Time) (int64, error)
}

// Mails keeps what is to be sent. Addresses and tokens in it are sealed at rest.
// They go with their users.
type Mails interface {
	Append(ctx context.Context, m *Mail) error
	// List gives up to limit messages, the oldest first.
	List(ctx context.Context, limit int) ([]*Mail, error)
	// Delete removes a message; one that is gone is no error.
	Delete(ctx context.Context, id string) error
	// DeleteOfUser removes all messages to a user.
	DeleteOfUser(ctx context.Context, userID string) error
	// Prune removes what was written before, and says how many.
	Prune(ctx context.Context, before time.Time) (int64, error)
}

// Groups keeps groups.
type Groups interface {
	// Create adds a group. A taken name gives ErrNameTaken.
	Create(ctx context.Context, g *Group) error
	// Get gives a group by id, or ErrNotFound.
	Get(ctx context.Context, id string) (*Group, error)
	// ByName gives a group by its exact name, or ErrNotFound.
	ByName(ctx context.Context, name string) (*Group, error)
	// Update replaces name, description and time of change of a group. It gives
	// ErrNotFound or ErrNameTaken.
	Update(ctx context.Context, g *Group) error
	// Delete removes a group with its memberships and assignments, or ErrNotFound.
	// Whoever asks afterwards which policies name the group learns of all: no
	// other change of the configuration is committed meanwhile.
	Delete(ctx context.Context, id string) error
	// List gives the groups of a query, in the order of their ids.
	List(ctx context.Context, q GroupQuery) ([]*Group, error)
}

// GroupQuery is which groups a list gives.
type GroupQuery struct {
	Prefix string // of the name, in any case; "" for all
	After  string // the id to go on from; "" is the beginning
	Limit  int
}

// Members keeps who is in which group.
type Members interface {
	// Add puts a user into a group; being in it already is no error and keeps the
	// time.
	Add(ctx context.Context, groupID, userID string, at time.Time) error
	// Remove takes a user out of a group. It gives ErrNotFound for one who is not
	// in it.
	Remove(ctx context.Context, groupID, userID string, at time.Time) error
	// Has tells whether a user is in a group.
	Has(ctx context.Context, groupID, userID string) (bool, error)
	// Groups gives the groups of a user, by name.
	Groups(ctx context.Context, userID string) ([]*Group, error)
	// Users gives up to limit users of a group with ids above after, in the order
	// of their ids.
	Users(ctx context.Context, groupID, after string, limit int) ([]*User, error)
}

// Grants keeps which roles of administrators users have.
type Grants interface {
	// Create gives a user a role. It gives ErrGranted to one who has it.
	Create(ctx context.Context, g *Grant) error
	// Delete takes a role away, or ErrNotFound.
	Delete(ctx context.Context, id string) error
	// OfUser gives the grants of a user, in the order of their making.
	OfUser(ctx context.Context, userID string) ([]*Grant, error)
	// Others counts the users with a role whose status is ACTIVE, without one. Of
	// Updates that ask, one ends before the next is answered, so that two of them
	// cannot each count on the other's user.
	Others(ctx context.Context, role, userID string) (int, error)
}

// UserTypes keeps the types of users.
type UserTypes interface {
	// Create adds a type. A taken name gives ErrNameTaken.
	Create(ctx context.Context, t *UserType) error
	// Get gives a type by id, or ErrNotFound.
	Get(ctx context.Context, id string) (*UserType, error)
	// Default gives the default type, or ErrNotFound in an org that is not set up.
	Default(ctx context.Context) (*UserType, error)
	// Update replaces a type, by id, or ErrNotFound or ErrNameTaken.
	Update(ctx context.Context, t *UserType) error
	// Delete removes a type with its schema, or ErrNotFound.
	Delete(ctx context.Context, id string) error
	// List gives all, in the order of creation.
	List(ctx context.Context) ([]*UserType, error)
	// InUse tells whether there are users of a type that is not the default one.
	InUse(ctx context.Context, typeID string) (bool, error)
}

// Schemas keeps the user schema of each user type, and what users have by it:
// unique values share one namespace over all types in which an attribute of that
// name is unique. A type without a schema of its own has the base schema.
type Schemas interface {
	// Get gives the schema of the default user type.
	Get(ctx context.Context) (*profile.Schema, error)
	// Of gives the schema of users with that [User.TypeID].
	Of(ctx context.Context, typeID string) (*profile.Schema, error)
	// Hold keeps others from writing users until the transaction ends. It must be
	// the first thing that a transaction does which calls Put.
	Hold(ctx context.Context) error
	// Put replaces the schema of users with that [User.TypeID]. They lose their
	// values of attributes that are not in it any more. Where several have one
	// value of an attribute that has become unique, it gives a [DuplicatesError].
	Put(ctx context.Context, typeID string, s *profile.Schema) error
	// Taken gives the names of attributes that must be unique and whose values in
	// the profile another user has than the one named, "" for a new one.
	Taken(ctx context.Context, typeID string, p profile.Profile, userID string) ([]string, error)
	// Profiles gives up to limit profiles of users with that [User.TypeID] whose ids
	// are above after, in the order of their ids.
	Profiles(ctx context.Context, typeID, after string, limit int) ([]UserProfile, error)
}

// Policies keeps profile enrollment policies, each with its one rule.
type Policies interface {
	// Create adds a policy. A taken name gives ErrNameTaken.
	Create(ctx context.Context, p *Policy) error
	// Get gives a policy by id, or ErrNotFound.
	Get(ctx context.Context, id string) (*Policy, error)
	// Default gives the system policy, or ErrNotFound in an org without one.
	Default(ctx context.Context) (*Policy, error)
	// Update replaces a policy with its rule, or ErrNotFound or ErrNameTaken.
	Update(ctx context.Context, p *Policy) error
	// Delete removes a policy, or ErrNotFound.
	Delete(ctx context.Context, id string) error
	// List gives all, by priority.
	List(ctx context.Context) ([]*Policy, error)
}

// Apps keeps apps. What is kept of their secrets is sealed at rest.
type Apps interface {
	// Create adds an app. A client id that is taken gives ErrNameTaken.
	Create(ctx context.Context, a *App) error
	// Get gives an app by id, or ErrNotFound.
	Get(ctx context.Context, id string) (*App, error)
	// ByClientID gives an app by the id of its client, or ErrNotFound.
	ByClientID(ctx context.Context, clientID string) (*App, error)
	// Update replaces an app whose Version is still the one that was read, and
	// counts the version up; else ErrConflict. Also ErrNotFound. A transaction that
	// fails sets the version of a back.
	Update(ctx context.Context, a *App) error
	// Delete removes an app with its assignments, or ErrNotFound.
	Delete(ctx context.Context, id string) error
	// List gives the apps of a query, in the order of their ids.
	List(ctx context.Context, q AppQuery) ([]*App, error)
}

// AppQuery is which apps a list gives: those that meet all that is said.
type AppQuery struct {
	Prefix  string  // of the name or of the label, in any case; "" for all
	Policy  *string // the profile enrollment policy, "" the default one; nil for all
	GroupID string  // assigned to this group; "" for all
	After   string  // the id to go on from; "" is the beginning
	Limit   int
}

// AppGroups keeps which groups apps are assigned to. When an app or a group goes,
// the store takes its assignments along.
type AppGroups interface {
	// Put assigns an app to a group that exists, or changes the assignment.
	Put(ctx context.Context, g *AppGroup) error
	// Get gives an assignment, or ErrNotFound.
	Get(ctx context.Context, appID, groupID string) (*AppGroup, error)
	// Delete ends an assignment, or ErrNotFound.
	Delete(ctx context.Context, appID, groupID string) error
	// List gives up to limit assignments of an app, or all for 0, with group ids
	// above after and in their order.
	List(ctx context.Context, appID, after string, limit int) ([]*AppGroup, error)
	// OfUser gives the assignments that a user has by groups, the first by
	// priority first.
	OfUser(ctx context.Context, appID, userID string) ([]*AppGroup, error)
}

// AppUsers keeps which users apps are assigned to, not by a group but themselves.
// When an app or a user goes, the store takes its assignments along.
type AppUsers interface {
	// Put assigns an app to a user who exists, or changes the assignment.
	Put(ctx context.Context, u *AppUser) error
	// Get gives an assignment, or ErrNotFound.
	Get(ctx context.Context, appID, userID string) (*AppUser, error)
	// Delete ends an assignment, or ErrNotFound.
	Delete(ctx context.Context, appID, userID string) error
	// List gives up to limit assignments of an app with user ids above after, in
	// the order of the ids.
	List(ctx context.Context, appID, after string, limit int) ([]*AppUser, error)
}

// SigningKeys keeps the keys that the org signs tokens with, sealed at rest.
type SigningKeys interface {
	// Create adds a key. Another active one gives ErrConflict.
	Create(ctx context.Context, k *SigningKey) error
	// Active gives the key that signs, or ErrNotFound in an org that has none yet.
	Active(ctx context.Context) (*SigningKey, error)
}

// PasswordPolicies keeps password policies, each with its rules.
type PasswordPolicies interface {
	// Create adds a policy. A taken name gives ErrNameTaken.
	Create(ctx context.Context, p *PasswordPolicy) error
	// Get gives a policy by id, or ErrNotFound.
	Get(ctx context.Context, id string) (*PasswordPolicy, error)
	// Update replaces a policy with its rules, or ErrNotFound or ErrNameTaken.
	Update(ctx context.Context, p *PasswordPolicy) error
	// Delete removes a policy with its rules, or ErrNotFound.
	Delete(ctx context.Context, id string) error
	// List gives all, by priority.
	List(ctx context.Context) ([]*PasswordPolicy, error)
}

// TrustedOrigins keeps the other sites that may do something with this one.
type TrustedOrigins interface {
	// Create adds an origin. A taken name or origin gives ErrNameTaken.
	Create(ctx context.Context, o *TrustedOrigin) error
	// Get gives an origin by id, or ErrNotFound.
	Get(ctx context.Context, id string) (*TrustedOrigin, error)
	// Update replaces an origin, or ErrNotFound or ErrNameTaken.
	Update(ctx context.Context, o *TrustedOrigin) error
	// Delete removes an origin, or ErrNotFound.
	Delete(ctx context.Context, id string) error
	// List gives all, in the order of their ids.
	List(ctx context.Context) ([]*TrustedOrigin, error)
}

// Hooks keeps inline hooks. Secrets and header values in them are sealed at rest.
type Hooks interface {
	// Create adds a hook. A taken name gives ErrNameTaken.
	Create(ctx context.Context, h *InlineHook) error
	// Get gives a hook by id, or ErrNotFound.
	Get(ctx context.Context, id string) (*InlineHook, error)
	// Update replaces a hook whose Version is still the one that was read, and
	// counts the version up; else ErrConflict. Also ErrNotFound, ErrNameTaken. A
	// transaction that fails sets the version of h back.
	Update(ctx context.Context, h *InlineHook) error
	// Delete removes a hook, or ErrNotFound.
	Delete(ctx context.Context, id string) error
	// List gives the hooks of a type, or all for "", in the order of creation.
	List(ctx context.Context, hookType string) ([]*InlineHook, error)
}

// HookKeys keeps the keys of hooks. Their private halves are sealed at rest.
type HookKeys interface {
	// Create adds a key. A taken name gives ErrNameTaken.
	Create(ctx context.Context, k *HookKey) error
	// Get gives a key by id, or ErrNotFound.
	Get(ctx context.Context, id string) (*HookKey, error)
	// Rename stores the name and LastUpdated of a key, or gives ErrNotFound or
	// ErrNameTaken.
	Rename(ctx context.Context, k *HookKey) error
	// Delete removes a key, or ErrNotFound.
	Delete(ctx context.Context, id string) error
	// List gives all, in the order of creation.
	List(ctx context.Context) ([]*HookKey, error)
}

// EventHooks keeps event hooks. Secrets and header values in them are sealed at
// rest.
type EventHooks interface {
	// Create adds a hook. A taken name gives ErrNameTaken.
	Create(ctx context.Context, h *EventHook) error
	// Get gives a hook by id, or ErrNotFound.
	Get(ctx context.Context, id string) (*EventHook, error)
	// Update replaces a hook whose Version is still the one that was read, and
	// counts the version up; else ErrConflict. Also ErrNotFound, ErrNameTaken. A
	// transaction that fails sets the version of h back.
	Update(ctx context.Context, h *EventHook) error
	// Delete removes a hook, or ErrNotFound.
	Delete(ctx context.Context, id string) error
	// List gives all, in the order of creation.
	List(ctx context.Context) ([]*EventHook, error)
}

// Events keeps the System Log. It only grows.
type Events interface {
	// Append adds events in their order, in the same transaction as the change
	// that they tell of. A store may write them at its end.
	Append(ctx context.Context, events ...Event) error
	// Scan gives events with Sequence above (or, descending, below) the one of
	// the range, in order, until yield says false.
	Scan(ctx context.Context, r EventRange, yield func(Event) bool) error
	// Prune removes what was published before, and says how many.
	Prune(ctx context.Context, before time.Time) (int64, error)
}

// EventRange is which events a Scan gives.
type EventRange struct {
	Since, Until time.Time // of Published: from Since on, before Until; zero is open
	After        int64     // Sequence to go on from; 0 is the beginning, or the end when descending
	Descending   bool
	// Types, when there are any, are event types of which one must match; a
	// store may use them to read less.
	Types []string
}

// Calls keeps the records of hook calls.
type Calls interface {
	Append(ctx context.Context, c *HookCall) error
	// Get gives a record by id, or ErrNotFound.
	Get(ctx context.Context, id string) (*HookCall, error)
	// Recent gives up to limit records of a hook, or of all hooks for "", the
	// newest first. Preview calls are left out unless asked for.
	Recent(ctx context.Context, hookID string, previews bool, limit int) ([]*HookCall, error)
	// Erase empties what was said in all records of a person (request, answer,
	// debug context, messages, reason, findings, login), by user id and by folded
	// login, since refused sign-ups have no user. "" is nobody.
	Erase(ctx context.Context, userID, loginKey string) (int64, error)
	// Prune removes records that started before, and the oldest ones beyond a
	// total size of their bodies in bytes; it says how many.
	Prune(ctx context.Context, before time.Time, maxBytes int64) (int64, error)
}

// Tokens keeps API tokens, by the hash of the token.
type Tokens interface {
	Create(ctx context.Context, t *Token) error
	// Get gives a token by id, or ErrNotFound.
	Get(ctx context.Context, id string) (*Token, error)
	// ByHash gives a token by HashToken of its text, or ErrNotFound.
	ByHash(ctx context.Context, hash string) (*Token, error)
	// Update replaces name and time of change of a token, or ErrNotFound.
	Update(ctx context.Context, t *Token) error
	// Touch notes the time of use.
	Touch(ctx context.Context, id string, at time.Time) error
	// List gives the tokens of a user, or all for "", in the order of creation.
	List(ctx context.Context, userID string) ([]*Token, error)
	// Delete removes a token, or ErrNotFound.
	Delete(ctx context.Context, id string) error
}

// Sessions keeps who is signed in, by the hash of the handle that the browser
// holds.
type Sessions interface {
	Create(ctx context.Context, s *Session) error
	// ByHash gives a session, or ErrNotFound.
	ByHash(ctx context.Context, hash string) (*Session, error)
	// Touch notes the time of use.
	Touch(ctx context.Context, id string, at time.Time) error
	// Delete ends a session; one that has ended is no error.
	Delete(ctx context.Context, id string) error
	// DeleteOfUser ends all sessions of a user, and says how many.
	DeleteOfUser(ctx context.Context, userID string) (int64, error)
	// Prune removes sessions that ended before.
	Prune(ctx context.Context, before time.Time) (int64, error)
}

// Interactions keeps the visits of people who are signing up, by the hash of
// the handle that their browser holds.
type Interactions interface {
	// ByHash gives a visit, or ErrNotFound.
	ByHash(ctx context.Context, hash string) (*Interaction, error)
	// Swap writes the visit if its stored version is still Version, and counts
	// the version up in it and in the store; else ErrConflict. Version 0 creates,
	// and conflicts with any that is stored. A transaction that fails sets the
	// version of i back.
	Swap(ctx context.Context, i *Interaction) error
	// Prune removes visits that expired before.
	Prune(ctx context.Context, before time.Time) (int64, error)
}

// Settings keeps single values of the org itself, such as its id and that the
// first set-up is done.
type Settings interface {
	// Get gives a value, or ErrNotFound.
	Get(ctx context.Context, key string) (string, error)
	Put(ctx context.Context, key, value string) error
}
