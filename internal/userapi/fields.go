package userapi

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/fault"
)

// fields are the properties of an object that a client asks for, as in
//
//	fields=id,status,profile:(firstName,city)
//
// Those of them that an object does not have are no error. The id is always
// there. None are all.
type fields struct {
	names   []string
	profile []string // none are all
}

const profileField = "profile"

// field is one of them, with what stands in its parentheses.
var field = regexp.MustCompile(`^\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?::\s*\(([A-Za-z0-9_,\s]*)\)\s*)?(?:,|$)`)

// parseFields reads the parameter.
func parseFields(text string) (f fields, err error) {
	for text != "" {
		m := field.FindStringSubmatch(text)
		if m == nil || m[2] != "" && m[1] != profileField {
			return fields{}, fault.Field("fields", "fields", `must be names with commas between them, as in "id,status,profile:(firstName,city)"`)
		}
		text = text[len(m[0]):]
		f.names = append(f.names, m[1])
		for name := range strings.SplitSeq(m[2], ",") {
			if name = strings.TrimSpace(name); name != "" {
				f.profile = append(f.profile, name)
			}
		}
	}
	return f, nil
}

// of gives the part of an object that was asked for.
func (f fields) of(object any) (any, error) {
	if len(f.names) == 0 {
		return object, nil
	}
	text, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	all, err := hook.Parse(text, hook.Limits{Depth: 64, Values: 1 << 20})
	if err != nil {
		return nil, err
	}
	part := only(all.(*hook.Object), append(f.names, "id"))
	if whole, ok := part.Get(profileField); ok && len(f.profile) > 0 {
		profile, _ := whole.(*hook.Object)
		part.Set(profileField, only(profile, f.profile))
	}
	return part, nil
}

func only(o *hook.Object, names []string) *hook.Object {
	part := &hook.Object{}
	for name, value := range o.All() {
		if slices.Contains(names, name) {
			part.Set(name, value)
		}
	}
	return part
}
