package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/usher-id/usher/internal/org"
)

func createHookKey(k *org.HookKey) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.HookKeys.Create(ctx, k) }
}

func renameHookKey(k *org.HookKey) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.HookKeys.Rename(ctx, k) }
}

func deleteHookKey(id string) work {
	return func(ctx context.Context, tx *org.Tx) error { return tx.HookKeys.Delete(ctx, id) }
}

// keyOf is a key whose private half is not text.
func keyOf(id, name string, at func(int) time.Time) *org.HookKey {
	return &org.HookKey{
		ID: id, KeyID: "uuid-of-" + id, Name: name, Private: org.NewSecret("\x30\x00\xff of " + id), Created: at(1), LastUpdated: at(2),
	}
}

func (s *suite) hookKeys() (all []*org.HookKey) {
	s.Helper()
	s.view(func(ctx context.Context, tx *org.Tx) (err error) {
		all, err = tx.HookKeys.List(ctx)
		return err
	})
	return all
}

func (s *suite) sameKey(got, want *org.HookKey) {
	s.Helper()
	equal(s, "private half", got.Private.Reveal(), want.Private.Reveal())
	equal(s, "key", got, want)
}

func hookKeyCases() []testCase {
	return []testCase{
		{"what is written is read", func(s *suite) {
			s.update(createHookKey(keyOf("HKY1", "a", moment)))
			s.view(func(ctx context.Context, tx *org.Tx) error {
				k, err := tx.HookKeys.Get(ctx, "HKY1")
				if err == nil {
					s.sameKey(k, keyOf("HKY1", "a", stored))
				}
				return err
			})
		}},
		{"none is not found", func(s *suite) {
			s.refused(org.ErrNotFound, renameHookKey(keyOf("HKY1", "a", moment)))
			s.refused(org.ErrNotFound, deleteHookKey("HKY1"))
			s.missing("by id", func(ctx context.Context, tx *org.Tx) error {
				_, err := tx.HookKeys.Get(ctx, "HKY1")
				return err
			})
		}},
		{"names are taken once", func(s *suite) {
			s.update(createHookKey(keyOf("HKY1", "a", moment)))
			s.refused(org.ErrNameTaken, createHookKey(keyOf("HKY2", "a", moment)))
			s.update(createHookKey(keyOf("HKY2", "b", moment)))
			s.refused(org.ErrNameTaken, renameHookKey(keyOf("HKY2", "a", moment)))
			s.update(renameHookKey(keyOf("HKY1", "a", moment))) // its own name
		}},
		{"a new name changes nothing else", func(s *suite) {
			s.update(createHookKey(keyOf("HKY1", "a", moment)))
			s.update(renameHookKey(&org.HookKey{ID: "HKY1", Name: "b", LastUpdated: moment(9)}))
			want := keyOf("HKY1", "b", stored)
			want.LastUpdated = stored(9)
			s.sameKey(s.hookKeys()[0], want)
		}},
		{"list goes by creation, and is empty and not nil", func(s *suite) {
			if all := s.hookKeys(); all == nil || len(all) > 0 {
				s.Errorf("the list is %v", all)
			}
			for i, id := range []string{"HKY1", "HKY2", "HKY3"} {
				k := keyOf(id, id, moment)
				k.Created = moment(9 - i)
				s.update(createHookKey(k))
			}
			s.update(deleteHookKey("HKY2"))
			var ids []string
			for _, k := range s.hookKeys() {
				ids = append(ids, k.ID)
			}
			equal(s, "ids", ids, []string{"HKY3", "HKY1"})
		}},
	}
}

// oauthHook signs with a key, or has a client secret.
func oauthHook(id string, key *org.HookKey) *org.InlineHook {
	h := hookOf(id, id)
	h.Channel.Type = org.ChannelOAuth
	h.Channel.OAuth = &org.OAuth{
		AuthType: org.AuthClientSecretPost, ClientID: "0oa <&>", TokenURL: "https://as.example/token", Scope: "a b",
		ClientSecret: org.NewSecret("s3cret-ß"),
	}
	if key != nil {
		h.Channel.OAuth = &org.OAuth{AuthType: org.AuthPrivateKeyJWT, ClientID: "0oa1", TokenURL: "https://as.example/token", Key: key}
	}
	return h
}

func withClientID(id string) *org.InlineHook {
	h := oauthHook("cal1", nil)
	h.Channel.OAuth.ClientID = id
	return h
}

func oauthHookCases() []testCase {
	sameOAuth := func(t testing.TB, got, want *org.InlineHook) {
		t.Helper()
		equal(t, "client secret", got.Channel.OAuth.ClientSecret.Reveal(), want.Channel.OAuth.ClientSecret.Reveal())
		equal(t, "hook", got, want)
	}
	return []testCase{
		{"a client secret is kept", func(s *suite) {
			s.update(createHook(oauthHook("cal1", nil)))
			for range 2 {
				h := s.readHook("cal1")
				sameOAuth(s, h, oauthHook("cal1", nil))
				h.Channel.OAuth.Scope = "changed"
			}
		}},
		{"a hook comes with the key that it signs with", func(s *suite) {
			s.update(createHookKey(keyOf("HKY1", "a", moment)))
			s.update(createHookKey(keyOf("HKY2", "b", moment)))
			for _, id := range []string{"cal1", "cal2"} {
				s.update(createHook(oauthHook(id, &org.HookKey{ID: "HKY2"})))
			}
			want := oauthHook("cal1", keyOf("HKY2", "b", stored))
			for range 2 {
				h := s.readHook("cal1")
				sameOAuth(s, h, want)
				s.sameKey(h.Channel.OAuth.Key, want.Channel.OAuth.Key)
				h.Channel.OAuth.Key.Name = "changed"
			}
			// Also when the key has changed meanwhile.
			s.update(renameHookKey(&org.HookKey{ID: "HKY2", Name: "c", LastUpdated: moment(9)}))
			equal(s, "name of the key", s.readHook("cal2").Channel.OAuth.Key.Name, "c")
		}},
		{"a hook can stop to use it", func(s *suite) {
			s.update(createHook(oauthHook("cal1", nil)))
			h := s.readHook("cal1")
			h.Channel.OAuth, h.Channel.Type = nil, org.ChannelHTTP
			s.update(updateHook(h))
			if c := s.readHook("cal1").Channel; c.OAuth != nil {
				s.Errorf("the channel is %+v", c)
			}
			h.Channel.OAuth = oauthHook("", nil).Channel.OAuth
			s.update(updateHook(h))
			equal(s, "secret", s.readHook("cal1").Channel.OAuth.ClientSecret.Reveal(), "s3cret-ß")
		}},
	}
}
