package extension

import (
	"fmt"
	"slices"

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
		return c, r.malformed(hook.LocateDuplicate(r.body, name, "commands", i), c.path+"."+r.name(name),
			"the member occurs twice", "Send each member of a command once.")
	}
	if bad := r.checkType(&c, o); bad != nil {
		return c, bad
	}
	value, ok := o.Get("value")
	if !ok {
		return c, misplacedValue(c, o)
	}
	values, ok := value.(*hook.Object)
	if !ok {
		return c, invalidCommand(c.path+".value", "a JSON "+hook.Kind(value)+" where an object was expected",
			"The value of "+c.kind+" is an object, as in "+example(c.kind)+".")
	}
	if name, repair := errorIn(o); name != "" {
		r.warn(CodeErrorMisplaced, c.path+"."+name, "an error inside a command", "It is ignored.", repair)
	}
	if c.kind == hook.CommandAction {
		return r.action(c, i, values)
	}
	c.values = values
	r.noteUpdate(c)
	return c, nil
}

// example is a value of a command.
func example(kind string) string {
	if kind == hook.CommandAction {
		return `{"registration":"DENY"}`
	}
	return `{"middleName":"Danger"}`
}

func (r *reader) checkType(c *command, o *hook.Object) *unusable {
	v, ok := o.Get("type")
	if !ok {
		return r.withoutType(c, o)
	}
	kind, ok := v.(string)
	if !ok {
		return invalidCommand(c.path+".type", "a JSON "+hook.Kind(v)+" where a string was expected", "Legal here: "+list(r.rules.legal())+".")
	}
	c.kind = kind
	switch {
	case slices.Contains(r.rules.legal(), kind):
		return nil
	case slices.Contains(allCommands[:], kind):
		return r.illegal(c)
	}
	f := org.Finding{
		Code: ReasonCommandUnknown, Path: c.path + ".type", Read: r.plain(kind, 80),
		Suggestion: closestCommand(kind, r.rules.legal()),
	}
	f.Repair = "Legal here: " + list(r.rules.legal()) + "." + caseNote(kind, f.Suggestion)
	if kind == hook.TypeRegistration {
		f.Repair = "That is the type of the event, not of a command. " + f.Repair
	}
	return &unusable{f.Code, at(c.path, "unknown command "+f.Read+"; legal: "+list(r.rules.legal())), f}
}

// illegal explains a command that exists, but not for this request.
func (r *reader) illegal(c *command) *unusable {
	f := org.Finding{
		Code: ReasonCommandInvalid, Path: c.path + ".type", Read: c.kind,
		Repair: "It is a command of another type of hook. Legal here: " + list(r.rules.legal()) + ".",
	}
	if c.kind == hook.CommandProfileUpdate || c.kind == hook.CommandProgressiveProfileUpdate {
		f.Suggestion = r.rules.update
		f.Repair = "It is for the other request type. Look at requestType of the request: progressive.profile needs " +
			hook.CommandProgressiveProfileUpdate + ", every other request " + hook.CommandProfileUpdate + "."
	}
	return &unusable{f.Code, at(c.path, c.kind+" is not legal here; legal: "+list(r.rules.legal())), f}
}

// withoutType explains an object in the list of commands that names no command.
func (r *reader) withoutType(c *command, o *hook.Object) *unusable {
	if name, repair := errorIn(o); name != "" {
		return invalidCommand(c.path+"."+name, "an error among the commands", repair)
	}
	bad := invalidCommand(c.path, "a command without a type", "Every command needs a type: "+list(r.rules.legal())+".")
	for name := range o.All() {
		if closest(name, []string{"type"}) != "" || name == "command" {
			bad.finding.Path, bad.finding.Suggestion = c.path+"."+r.name(name), "type"
		}
	}
	return bad
}

// misplacedValue explains a command without a value: often its members stand
// beside the type.
func misplacedValue(c command, o *hook.Object) *unusable {
	if name, repair := errorIn(o); name != "" {
		return invalidCommand(c.path+"."+name, "an error inside a command, which has no value", repair)
	}
	bad := invalidCommand(c.path, "a command without a value", `Add a value: {"type":"`+c.kind+`","value":`+example(c.kind)+`}.`)
	for name := range o.All() {
		if closest(name, []string{"value"}) != "" {
			bad.finding.Suggestion = "value"
		}
	}
	return bad
}

const repairAction = `Send {"registration":"ALLOW"} or {"registration":"DENY"}.`

// action reads {"registration":"ALLOW"} or "DENY". Okta's prose calls the key
// "action", its examples "registration"; both are read.
func (r *reader) action(c command, i int, values *hook.Object) (command, *unusable) {
	path := c.path + ".value"
	if name, ok := values.Duplicate(); ok {
		return c, r.malformed(hook.LocateDuplicate(r.body, name, "commands", i, "value"), path+"."+r.name(name),
			"the member occurs twice", "Send each member once.")
	}
	if name, repair := errorIn(values); name != "" {
		return c, invalidCommand(path+"."+name, "an error inside the value of a command", repair)
	}
	for name, v := range values.All() {
		if name != "registration" && name != "action" {
			return c, r.unknownActionMember(path, name)
		}
		text, _ := v.(string)
		if text != hook.ActionAllow && text != hook.ActionDeny {
			return c, invalidAction(path+"."+name, v)
		}
		if c.action != "" && c.action != text {
			return c, invalidCommand(path, "registration and action say different things", repairAction)
		}
		c.action = text
		if name == "action" {
			r.warn("ACTION_KEY", path+".action", "the key action", "It is read as registration.", `Name it registration, as in {"registration":"`+text+`"}.`)
		}
	}
	if c.action == "" {
		return c, invalidCommand(path, "an empty object", repairAction)
	}
	return c, nil
}

func (r *reader) unknownActionMember(path, name string) *unusable {
	bad := invalidCommand(path+"."+r.name(name), "a member that this command does not have", repairAction)
	bad.finding.Suggestion = closest(name, []string{"registration"})
	if _, ok := r.in.Schema.Attribute(name); ok {
		bad.finding.Suggestion = ""
		bad.finding.Repair = "To set an attribute, send a command of the type " + r.rules.update + ". " + repairAction
	}
	return bad
}

func invalidAction(path string, v any) *unusable {
	text, ok := v.(string)
	if !ok {
		return invalidCommand(path, "a JSON "+hook.Kind(v)+" where a string was expected", repairAction)
	}
	actions := []string{hook.ActionAllow, hook.ActionDeny}
	meant := closest(text, actions)
	if meant == "" { // nothing that is near: it may be anything, so it is not repeated
		return invalidCommand(path, "neither ALLOW nor DENY", repairAction)
	}
	bad := invalidCommand(path, fmt.Sprintf("%q, which is neither ALLOW nor DENY", text), repairAction+caseNote(text, meant))
	bad.finding.Suggestion = meant
	return bad
}

// noteUpdate warns of updates that do less than they seem to.
func (r *reader) noteUpdate(c command) {
	if c.values.Len() == 0 {
		r.warn("EMPTY_UPDATE", c.path+".value", "an empty object", "Nothing is changed.",
			"Name one attribute or more, or leave the command out.")
	}
	if name, ok := c.values.Duplicate(); ok {
		r.warn("DUPLICATE_MEMBER", c.path+".value."+r.name(name), "the attribute is set twice",
			"Attributes are set in their order: the last one counts.", "Set each attribute once.")
	}
}

func invalidCommand(path, problem, repair string) *unusable {
	return &unusable{ReasonCommandInvalid, at(path, problem), org.Finding{
		Code: ReasonCommandInvalid, Path: path, Read: problem, Repair: repair,
	}}
}
