package profile

import (
	"encoding/json"
	"strconv"

	"github.com/usher-id/usher/hook"
)

func textKeyword(name string, field func(*Attribute) *string) keyword {
	return keyword{name, func(a Attribute) any { return unlessZero(*field(&a)) }, func(a *Attribute, v any) bool {
		s, ok := v.(string)
		*field(a) = s
		return ok || v == nil
	}, "a string"}
}

func flagKeyword(name string, field func(*Attribute) *bool) keyword {
	return keyword{name, func(a Attribute) any { return unlessZero(*field(&a)) }, func(a *Attribute, v any) bool {
		b, ok := v.(bool)
		*field(a) = b
		return ok || v == nil
	}, "a boolean"}
}

func numberKeyword(name string, field func(*Attribute) *json.Number) keyword {
	return keyword{name, func(a Attribute) any { return unlessZero(*field(&a)) }, func(a *Attribute, v any) bool {
		n, ok := v.(json.Number)
		*field(a) = n
		return ok || v == nil
	}, "a number"}
}

func lengthKeyword(name string, field func(*Attribute) **int) keyword {
	return keyword{name, func(a Attribute) any {
		if n := *field(&a); n != nil {
			return json.Number(strconv.Itoa(*n))
		}
		return nil
	}, func(a *Attribute, v any) bool {
		*field(a) = nil
		if v == nil {
			return true
		}
		number, _ := v.(json.Number)
		plain, ok := integer(number)
		n, _ := strconv.Atoi(string(plain))
		*field(a) = &n
		return ok
	}, "a whole number of 32 bits"}
}

func unlessZero[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

func list(values []any) any {
	if values == nil {
		return nil
	}
	return values
}

func getItems(a Attribute) any {
	if a.Items == nil {
		return nil
	}
	o := hook.NewObject(hook.Member{Name: "type", Value: string(a.Items.Type)})
	if a.Items.Enum != nil {
		o.Set("enum", a.Items.Enum)
	}
	if a.Items.OneOf != nil {
		o.Set("oneOf", getChoices(a.Items.OneOf))
	}
	return o
}

func setItems(a *Attribute, v any) bool {
	a.Items = nil
	if v == nil {
		return true
	}
	o, ok := v.(*hook.Object)
	if !ok {
		return false
	}
	items := Items{Type: Type(o.Text("type"))}
	if enum, _ := o.Get("enum"); enum != nil {
		if items.Enum, ok = enum.([]any); !ok {
			return false
		}
	}
	oneOf, _ := o.Get("oneOf")
	items.OneOf, ok = choices(oneOf)
	a.Items = &items
	return ok
}

func getChoices(choices []Choice) any {
	if choices == nil {
		return nil
	}
	list := make([]any, len(choices))
	for i, c := range choices {
		list[i] = hook.NewObject(hook.Member{Name: "const", Value: c.Const}, hook.Member{Name: "title", Value: c.Title})
	}
	return list
}

func choices(v any) ([]Choice, bool) {
	if v == nil {
		return nil, true
	}
	array, ok := v.([]any)
	if !ok {
		return nil, false
	}
	list := make([]Choice, len(array))
	for i, v := range array {
		o, ok := v.(*hook.Object)
		if !ok {
			return nil, false
		}
		value, _ := o.Get("const")
		list[i] = Choice{value, o.Text("title")}
	}
	return list, true
}

func getUnique(a Attribute) any {
	if !a.Unique {
		return nil
	}
	return uniqueValidated
}

// setUnique takes the string of real orgs and the boolean of Okta's Go SDK.
func setUnique(a *Attribute, v any) bool {
	a.Unique = v == uniqueValidated || v == true
	return a.Unique || v == nil || v == false || v == notUnique
}

func getPermissions(a Attribute) any {
	if a.Permission == "" {
		return nil
	}
	return []any{hook.NewObject(
		hook.Member{Name: "principal", Value: principalSelf},
		hook.Member{Name: "action", Value: a.Permission},
	)}
}

func setPermissions(a *Attribute, v any) bool {
	a.Permission = ""
	array, ok := v.([]any)
	if v == nil || ok && len(array) == 0 {
		return true
	}
	if !ok || len(array) > 1 {
		return false
	}
	o, _ := array[0].(*hook.Object)
	a.Permission = o.Text("action")
	return o.Text("principal") == principalSelf && a.Permission != ""
}

func getMaster(a Attribute) any {
	if a.Master == "" {
		return nil
	}
	o := hook.NewObject(hook.Member{Name: "type", Value: a.Master})
	if a.MasterPriority != nil {
		priority := make([]any, len(a.MasterPriority))
		for i, s := range a.MasterPriority {
			priority[i] = hook.NewObject(hook.Member{Name: "type", Value: s.Type}, hook.Member{Name: "value", Value: s.Value})
		}
		o.Set("priority", priority)
	}
	return o
}

func setMaster(a *Attribute, v any) bool {
	a.Master, a.MasterPriority = "", nil
	if v == nil {
		return true
	}
	o, _ := v.(*hook.Object)
	a.Master = o.Text("type")
	p, _ := o.Get("priority")
	array, ok := p.([]any)
	for _, v := range array {
		o, _ := v.(*hook.Object)
		a.MasterPriority = append(a.MasterPriority, Source{o.Text("type"), o.Text("value")})
	}
	return a.Master != "" && (ok || p == nil)
}
