package org

import "time"

// Company is what an organization says of itself: to people on its pages, and to
// administrators.
type Company struct {
	Name    string
	Website string // an http or https URL, as SupportURL; "" for none
	// SupportURL and SupportPhone are where people get help.
	SupportURL, SupportPhone string
	// The rest is for administrators.
	Phone, Address1, Address2, City, State, Country, PostalCode string
	// HideFooter leaves the line with website and support off the pages.
	HideFooter  bool
	Created     time.Time // when the org was set up
	LastUpdated time.Time
}
