.DEFAULT_GOAL := help
FUZZTIME ?= 30s

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Start usher with an example hook service; ARGS='--hook http://localhost:3000/registrationHook' for your own
	go run ./cmd/usher dev $(ARGS)

.PHONY: test
test: ## Test what Go and SQLite alone can prove (quick)
	go test ./...
	@echo "Not proven here, only by 'make check': PostgreSQL, the race detector, lint, the browser, real clients, the Node example."

.PHONY: check
check: ## Prove everything, exactly as CI does; installs what is missing
	scripts/check

.PHONY: lint
lint: ## Check format, vet, go.mod and lint rules in both modules
	scripts/check lint

.PHONY: fmt
fmt: ## Format the code
	gofmt -s -w .

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (30s)
	scripts/fuzz $(FUZZTIME)

.PHONY: bench
bench: ## Measure sign-ups against a floor, on both databases; ARGS go to the generator
	cd test && ../scripts/with-postgres --durable go run ./bench $(ARGS)

.PHONY: terraform
terraform: ## Apply and destroy an org with Okta's provider; TERRAFORM_PROVIDER names its program
	cd test && ../scripts/with-postgres go test -count=1 -timeout 30m -tags terraform ./terraform

.PHONY: screenshots
screenshots: ## Write docs/img/*.png from a real browser
	cd test && USHER_SCREENSHOTS=$(CURDIR)/docs/img go test -count=1 ./browser -run Screenshots

.PHONY: dist
dist: ## Build stripped binaries for Linux, macOS and Windows into dist/
	scripts/dist
