package scenario

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/usher-id/usher/test/run"
)

// script is a scenario as it was read.
type script struct {
	config    string
	names     map[string]string
	secrets   map[string]string // nowhere
	sensitive map[string]string // with their user alone
	forms     map[string][]field
	cases     []*scene
}

type scene struct {
	title string
	steps []*step
}

type field struct{ name, text string }

// step is one line of a case, with the lines that belong to it.
type step struct {
	line   int
	verb   string
	args   []string // words of the line, as many as the verb has; the last is the rest
	fields []field
	body   []string
	hooks  []string // of consecutive hook lines
}

// words is how many words each verb takes at least and at most; the last takes
// the rest of the line.
func words(verb string) (least, most int) {
	switch verb {
	case "get", "above", "has", "lacks", "fields", "sent", "unsent", "told", "events", "hook", "calls", "another":
		return 1, 1
	case "post", "twice", "foreign", "status":
		return 1, 2
	case "api", "stranger", "at", "header", "keep":
		return 2, 2
	}
	return 0, 0
}

// needsRequest tells whether a verb speaks of the answer to the last request.
func needsRequest(verb string) bool {
	switch verb {
	case "status", "at", "above", "has", "lacks", "fields", "header", "keep":
		return true
	}
	return false
}

// parser reads a scenario line by line.
type parser struct {
	*script
	form  string // whose fields come next, before the first case
	asked bool   // whether the case has made a request
}

func parse(archive []byte) (*script, error) {
	p := &parser{script: &script{
		names: map[string]string{}, secrets: map[string]string{}, sensitive: map[string]string{}, forms: map[string][]field{},
	}}
	a := txtar.Parse(archive)
	for _, f := range a.Files {
		switch f.Name {
		case "usher.yaml":
			p.config = string(f.Data)
		case "cases":
			for i, line := range strings.Split(string(f.Data), "\n") {
				if err := p.read(i+1, strings.TrimSpace(line)); err != nil {
					return nil, fmt.Errorf("cases:%d: %w", i+1, err)
				}
			}
		default:
			return nil, fmt.Errorf("no part of a scenario: %s", f.Name)
		}
	}
	return p.script, nil
}

func (p *parser) read(number int, line string) error {
	verb, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case line == "" || verb == "#":
		return nil
	case verb == "==":
		p.cases, p.asked = append(p.cases, &scene{title: rest}), false
		return nil
	case len(p.cases) == 0:
		return p.prologue(verb, rest)
	}
	return p.line(p.cases[len(p.cases)-1], number, verb, rest)
}

// line reads a line of a case.
func (p *parser) line(s *scene, number int, verb, rest string) error {
	last := new(step)
	if len(s.steps) > 0 {
		last = s.steps[len(s.steps)-1]
	}
	switch {
	case verb == "=" || verb == "|":
		return last.add(verb, rest)
	case verb == "hook" && last.verb == "hook":
		last.hooks = append(last.hooks, rest)
		return nil
	}
	least, most := words(verb)
	args := strings.SplitN(rest, " ", max(most, 1))
	switch {
	case most == 0:
		return fmt.Errorf("no verb: %s", verb)
	case rest == "" || len(args) < least:
		return fmt.Errorf("%s: too few words", verb)
	case needsRequest(verb) && !p.asked:
		return fmt.Errorf("%s: there is no request before it", verb)
	}
	st := &step{line: number, verb: verb, args: args}
	switch verb {
	case "hook":
		st.hooks = []string{rest}
	case "get", "post", "twice", "foreign", "api", "stranger":
		p.asked = true
	}
	s.steps = append(s.steps, st)
	return nil
}

// add adds a field or a line of a body to a request.
func (s *step) add(verb, rest string) error {
	switch {
	case verb == "=" && (s.verb == "post" || s.verb == "twice" || s.verb == "foreign"):
		name, text, _ := strings.Cut(rest, " ")
		s.fields = append(s.fields, field{name, text})
	case verb == "|" && (s.verb == "api" || s.verb == "stranger"):
		s.body = append(s.body, rest)
	default:
		return fmt.Errorf("%q belongs to no request", verb)
	}
	return nil
}

func (p *parser) prologue(verb, rest string) error {
	name, text, _ := strings.Cut(rest, " ")
	if (verb == "secret" || verb == "sensitive") && len(text) < 12 {
		return fmt.Errorf("%s is so short that it may be found anywhere", name)
	}
	switch verb {
	case "secret":
		p.secrets[name] = text
	case "sensitive":
		p.sensitive[name] = text
	case "form":
		p.form = name
		return nil
	case "=":
		if p.form == "" {
			return fmt.Errorf("%q belongs to no form", verb)
		}
		p.forms[p.form] = append(p.forms[p.form], field{name, text})
		return nil
	case "let":
	default:
		return fmt.Errorf("%s is nothing that can stand before the first case", verb)
	}
	p.names[name] = text
	return nil
}

var placeholder = regexp.MustCompile(`\$[A-Za-z][A-Za-z0-9]*`)

// expand replaces $names, also in what they stand for.
func expand(text string, names map[string]string) (string, error) {
	var unknown error
	for range 3 {
		text = placeholder.ReplaceAllStringFunc(text, func(name string) string {
			value, ok := names[name[1:]]
			if !ok {
				unknown = fmt.Errorf("%s has no meaning", name)
			}
			return value
		})
	}
	return text, unknown
}

// answer reads how the hook service is to answer.
func answer(text string) (run.Answer, error) {
	var a run.Answer
	var err error
	switch text {
	case "hang":
		a.Hang = true
		return a, nil
	case "hangup":
		a.Hangup = true
		return a, nil
	}
	text, huge := strings.CutPrefix(text, "huge ")
	if rest, slow := strings.CutPrefix(text, "slow "); slow {
		delay, after, _ := strings.Cut(rest, " ")
		if a.Delay, err = time.ParseDuration(delay); err != nil {
			return a, err
		}
		text = after
	}
	status, body, _ := strings.Cut(text, " ")
	a.Status, err = strconv.Atoi(status)
	a.Body = body
	if huge {
		a.Body = strings.Repeat(" ", 256<<10) + body
	}
	if err == nil && http.StatusText(a.Status) == "" {
		err = fmt.Errorf("%d is no status", a.Status)
	}
	return a, err
}
