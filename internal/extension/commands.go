package extension

import (
	"fmt"

	"github.com/usher-id/usher/hook"
	"github.com/usher-id/usher/internal/org"
)

// command is one command that is legal and well formed.
type command struct {
	path   string // commands[0]
	kind   string
	action string       // of an action command
	values *hook.Object // of an update command
}

// commands reads the commands and checks the type and the shape of each, before
// any is applied.
func (r *reader) commands() ([]command, *unusable) {
	v, _ := r.answer.Get("commands")
	if o, ok := v.(*hook.Object); ok && o.Len() == 0 {
		// Okta's Workflows guide sends "an empty commands object".
		r.warn("COMMANDS_NOT_ARRAY", "commands", "an empty object", "It is read as no commands.",
			`Send an empty array: {"commands":[]}.`)
		return nil, nil
	}
	list, ok := v.([]any)
	if v != nil && !ok {
		return nil, r.malformed(hook.Locate(r.body, "commands"), "commands",
			"a JSON "+hook.Kind(v)+" where an array was expected", `Put the command into an array: {"commands":[{…}]}.`)
	}
	if len(list) > hook.MaxCommands {
		return nil, invalidCommand("commands", fmt.Sprintf("%d commands, more than %d", len(list), hook.MaxCommands),
			"Send one update command that sets several attributes.")
	}
	commands := make([]command, 0, len(list))
	for i, v := range list {
		c, bad := r.command(i, v)
		if bad != nil {
			return nil, bad
		}
		commands = append(commands, c)
	}
	return commands, nil
}

func (r *reader) command(i int, v any) (command, *unusable) {
	c := command{path: fmt.Sprintf("commands[%d]", i)}
	o, ok := v.(*hook.Object)
	if !ok {
		return c, invalidCommand(c.path, "a JSON "+hook.Kind(v)+" where a command was expected",
			`A command is an object: {"type":"`+r.rules.update+`","value":{…}}.`)
	}
	if name, ok := o.Duplicate(); ok {
		return c, r.malformed(hook.LocateDuplicate(r.body, name, "commands", i), c.path+"."+plain(name, 40),
			"the member occurs twice", "Send each member of a command once.")
	}
	if bad := r.checkType(&c, o); bad != nil {
		return c, bad
	}
	value, ok := o.Get("value")
	if !ok {
		return c, r.misplacedValue(c, o)
	}
	values, ok := value.(*hook.Object)
	if !ok || values == nil {
		return c, invalidCommand(c.path+".value", "a JSON "+hook.Kind(value)+" where an object was expected",
			"The value of "+c.kind+" is an object.")
	}
	if c.kind == hook.CommandAction {
		return r.action(c, i, values)
	}
	c.values = values
	r.noteUpdate(c)
	return c, nil
}

func (r *reader) checkType(c *command, o *hook.Object) *unusable {
	v, ok := o.Get("type")
	kind, isText := v.(string)
	if !ok || !isText {
		return invalidCommand(c.path+".type", "no type, or one that is not a string",
			"Every command needs a type: "+list(r.rules.legal())+".")
	}
	c.kind = kind
	for _, legal := range r.rules.legal() {
		if kind == legal {
			return nil
		}
	}
	f := org.Finding{Path: c.path + ".type", Read: plain(kind, 80)}
	for _, known := range allCommands {
		if kind == known {
			f.Code = ReasonCommandInvalid
			f.Repair = "Legal here: " + list(r.rules.legal()) + "."
			if kind == hook.CommandProfileUpdate || kind == hook.CommandProgressiveProfileUpdate {
				f.Suggestion = r.rules.update
				f.Repair = kind + " is for the other request type: look at requestType of the request. " + f.Repair
			}
			return &unusable{f.Code, at(c.path, f.Read+" is not legal here; legal: "+list(r.rules.legal())), f}
		}
	}
	f.Code = ReasonCommandUnknown
	f.Suggestion = closest(kind, r.rules.legal(), true)
	f.Repair = "Commands are case-sensitive. Legal here: " + list(r.rules.legal()) + "."
	if kind == hook.TypeRegistration {
		f.Repair = "That is the type of the event, not of a command. " + f.Repair
	}
	return &unusable{f.Code, at(c.path, "unknown command "+f.Read+"; legal: "+list(r.rules.legal())), f}
}

// misplacedValue explains a command without a value: often its members stand
// beside the type.
func (r *reader) misplacedValue(c command, o *hook.Object) *unusable {
	repair := `Add "value", an object.`
	for _, name := range []string{"values", "Value", "data", "registration"} {
		if o.Has(name) {
			repair = `Put it into "value": {"type":"` + c.kind + `","value":{…}}. Found: ` + name + "."
		}
	}
	return invalidCommand(c.path, "a command without a value", repair)
}

// action reads {"registration":"ALLOW"} or "DENY". Okta's prose calls the key
// "action", its examples "registration"; both are read.
func (r *reader) action(c command, i int, values *hook.Object) (command, *unusable) {
	path := c.path + ".value"
	if name, ok := values.Duplicate(); ok {
		return c, r.malformed(hook.LocateDuplicate(r.body, name, "commands", i, "value"), path+"."+plain(name, 40),
			"the member occurs twice", "Send each member once.")
	}
	const repair = `Send {"registration":"ALLOW"} or {"registration":"DENY"}.`
	for name, v := range values.All() {
		if name != "registration" && name != "action" {
			if name == "error" {
				return c, invalidCommand(path+".error", "an error object inside a command",
					`Put "error" beside "commands", at the top of the answer.`)
			}
			return c, invalidCommand(path, "an unknown member "+plain(name, 40), repair)
		}
		text, _ := v.(string)
		if text != hook.ActionAllow && text != hook.ActionDeny {
			bad := invalidCommand(path+"."+name, "neither ALLOW nor DENY", repair+" Capital letters count.")
			bad.finding.Suggestion = closest(text, []string{hook.ActionAllow, hook.ActionDeny}, false)
			return c, bad
		}
		if c.action != "" && c.action != text {
			return c, invalidCommand(path, "registration and action say different things", repair)
		}
		c.action = text
		if name == "action" {
			r.warn("ACTION_KEY", path+".action", "the key action", "It is read as registration.", repair)
		}
	}
	if c.action == "" {
		return c, invalidCommand(path, "an empty object", repair)
	}
	return c, nil
}

// noteUpdate warns of updates that do less than they seem to.
func (r *reader) noteUpdate(c command) {
	if c.values.Len() == 0 {
		r.warn("EMPTY_UPDATE", c.path+".value", "an empty object", "Nothing is changed.",
			"Name one attribute or more, or leave the command out.")
	}
	if name, ok := c.values.Duplicate(); ok {
		r.warn("DUPLICATE_MEMBER", c.path+".value."+plain(name, 40), "the attribute is set twice",
			"Attributes are set in their order: the last one counts.", "Set each attribute once.")
	}
}

func invalidCommand(path, problem, repair string) *unusable {
	return &unusable{ReasonCommandInvalid, at(path, problem), org.Finding{
		Code: ReasonCommandInvalid, Path: path, Read: problem, Repair: repair,
	}}
}
