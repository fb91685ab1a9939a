package signinpage

import "net/http"

// text is every word that the pages say of their own accord: another language
// is another value of this type. What a hook, the schema or a rule says comes
// from there as it is.
type text struct {
	Language string // of the html element, BCP 47

	// Sign-in.
	SignIn    string
	Username  string
	Password  string
	NoAccount string // before the link SignUp
	SignUp    string // link, title and button

	// Sign-up.
	RequiredUnlessOptional string
	Optional               string // mark at a field
	Choose                 string // first line of a list
	Yes, No                string
	PasswordLength         string // %d is the number of characters
	PasswordWith           string // %s is a list of the next four
	LowerCase, UpperCase   string
	Number, Symbol         string
	NotUsername            string
	NotFirstName           string
	NotLastName            string
	NotCommon              string
	OnePerLine             string
	From, UpTo             string // limits of a number; %s is the limit
	FromTo                 string
	HaveAccount            string // before the link SignIn
	Review                 string // above a form with messages at its fields
	NoCookie               string
	AccountExists          string
	ErrorTitle             string // before the title of a page with messages

	// Account.
	Greeting   string // %s is the person
	SignedInAs string // before the login
	Profile    string
	Groups     string
	Masked     string // read aloud in place of a sensitive value
	SignOut    string

	// Pages that only say something.
	Home          string // link to the first page
	RequestID     string // before the id
	Website       string // link to the organization's own site; %s is its name
	Help          string // link to where people get help
	Phone         string // %s is a number
	SendAgain     string // after a submission for which the server was too busy
	NoForm        string
	FormTooLarge  string
	TooManyFields string
	Titles        map[int]string // by HTTP status
	Bodies        map[int]string // likewise; without one the error has its own words
}

// english is the text of the pages. Sentences that Okta's Sign-In Widget says at
// the same places are the widget's: people search the web for them.
func english() text {
	return text{
		Language: "en",

		SignIn:    "Sign in",
		Username:  "Username",
		Password:  "Password",
		NoAccount: "Don't have an account?",
		SignUp:    "Sign up",

		RequiredUnlessOptional: "Fields are required unless marked optional.",
		Optional:               "Optional",
		Choose:                 "Choose one",
		Yes:                    "Yes",
		No:                     "No",
		PasswordLength:         "At least %d characters.",
		PasswordWith:           "It needs %s.",
		LowerCase:              "a lowercase letter",
		UpperCase:              "an uppercase letter",
		Number:                 "a number",
		Symbol:                 "a symbol",
		NotUsername:            "It cannot be your username.",
		NotFirstName:           "It cannot include your first name.",
		NotLastName:            "It cannot include your last name.",
		NotCommon:              "It cannot be one that many people choose.",
		OnePerLine:             "One per line.",
		From:                   "%s or more.",
		UpTo:                   "%s or less.",
		FromTo:                 "From %s to %s.",
		HaveAccount:            "Already have an account?",
		Review:                 "We found some errors. Please review the form and make corrections.",
		NoCookie:               "Your browser did not send our cookie, so nothing was saved. Please allow cookies for this site, enter your password and send the form again.",
		AccountExists:          "Your account exists. Please sign in.",
		ErrorTitle:             "Error",

		Greeting:   "Hello, %s",
		SignedInAs: "Signed in as",
		Profile:    "Your profile",
		Groups:     "Your groups",
		Masked:     "Hidden, because it is sensitive",
		SignOut:    "Sign out",

		Home:          "Back to the first page",
		RequestID:     "Request ID:",
		Website:       "About %s",
		Help:          "Help",
		Phone:         "Support: %s",
		SendAgain:     "Please wait a moment, then reload this page to send your form again.",
		NoForm:        "What your browser sent is not a form that this page can read.",
		FormTooLarge:  "A form can have up to 64 KiB. Please shorten what you entered.",
		TooManyFields: "A form can have up to 500 values.",
		Titles: map[int]string{
			http.StatusBadRequest:            "This cannot be read",
			http.StatusForbidden:             "This is not possible",
			http.StatusNotFound:              "Page not found",
			http.StatusRequestEntityTooLarge: "This is too much",
			http.StatusTooManyRequests:       "Too many attempts",
			http.StatusInternalServerError:   "Something went wrong",
			http.StatusServiceUnavailable:    "The service is busy",
		},
		Bodies: map[int]string{
			http.StatusNotFound:            "There is nothing at this address.",
			http.StatusTooManyRequests:     "There were too many attempts from your network. Please wait a minute, then reload this page to send your form again.",
			http.StatusInternalServerError: "The mistake is ours, not yours, and it has been logged. Whoever runs this service can find it by this ID.",
		},
	}
}
