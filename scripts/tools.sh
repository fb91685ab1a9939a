# Finds the programs that the tests need beside Go and make, and installs what
# is missing. Sourced by the other scripts; bash 3.2, which macOS has, suffices.

# version_of PROGRAM: the first number that it calls its version.
version_of() {
	"$1" --version 2>/dev/null | sed -E 's/^[^0-9]*([0-9]+).*/\1/;q'
}

# find_cc: the compiler that Go calls, when it also finds the C library's headers.
find_cc() {
	local cc
	cc=$(go env CC)
	cc=${cc%% *}
	echo '#include <stdlib.h>' | "$cc" -E - >/dev/null 2>&1 && command -v "$cc"
}

# find_postgres: the directory of the server's programs, which most systems keep
# out of PATH. The newest wins; SQL of usher asks for 15.
find_postgres() {
	local dir found='' best=14 version
	for dir in "$(dirname "$(command -v initdb || echo /none/initdb)")" \
		/usr/lib/postgresql/*/bin /usr/libexec/postgresql* /usr/pgsql-*/bin \
		/opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
		[ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] || continue
		version=$(version_of "$dir/initdb")
		if [ "${version:-0}" -gt "$best" ]; then
			best=$version
			found=$dir
		fi
	done
	[ -n "$found" ] && echo "$found"
}

find_chromium() {
	local name
	for name in "${USHER_CHROMIUM:-chromium}" chromium chromium-browser google-chrome google-chrome-stable \
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
		/Applications/Chromium.app/Contents/MacOS/Chromium; do
		command -v "$name" && return
	done
	return 1
}

find_node() {
	local node version
	node=$(command -v "${USHER_NODE:-node}" || command -v nodejs) || return 1
	version=$(version_of "$node")
	[ "${version:-0}" -ge 18 ] && echo "$node"
}

find_npm() { command -v npm; }
find_curl() { command -v curl; }
find_jq() { command -v jq; }

# package_manager: the first one that is there.
package_manager() {
	local name
	for name in apt-get dnf apk pacman brew; do
		if command -v $name >/dev/null; then
			echo $name
			return
		fi
	done
	echo unknown
}

# packages_for MANAGER TOOL: what the system calls the tool.
packages_for() {
	case $1:$2 in
	apt-get:cc) echo gcc libc6-dev ;;
	apt-get:postgres) echo postgresql ;;
	apt-get:chromium) if grep -qs '^ID=ubuntu' /etc/os-release; then echo chromium-browser; else echo chromium; fi ;;
	dnf:cc) echo gcc glibc-devel ;;
	dnf:postgres) echo postgresql-server ;;
	apk:cc) echo gcc musl-dev ;;
	pacman:cc) echo gcc ;;
	brew:cc) echo gcc ;;
	brew:postgres) echo postgresql@17 ;;
	brew:chromium) echo google-chrome ;;
	brew:node) echo node ;;
	*:postgres) echo postgresql ;;
	*:chromium) echo chromium ;;
	*:node) echo nodejs ;;
	*:cc) echo "a C compiler" ;;
	brew:npm) echo node ;;
	*:npm) echo npm ;;
	*:curl) echo curl ;;
	*:jq) echo jq ;;
	esac
}

# install MANAGER PACKAGE…: as root, without a question.
install() {
	local manager=$1 sudo=''
	shift
	if [ "$manager" != brew ] && [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
		sudo='sudo -n'
	fi
	case $manager in
	apt-get)
		# The lists of a fresh container are empty; an unreachable mirror shows
		# in the next line.
		$sudo apt-get -q update || true
		$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "$@"
		;;
	dnf) $sudo dnf -qy install "$@" ;;
	apk) $sudo apk add --no-cache "$@" ;;
	pacman) $sudo pacman -Sy --noconfirm --needed "$@" ;;
	brew) brew install "$@" ;;
	*) return 1 ;;
	esac
}

# missing_tools: the names of those that are not there.
missing_tools() {
	local tool
	for tool in cc postgres chromium node npm curl jq; do
		"find_$tool" >/dev/null || echo $tool
	done
}

# describe TOOL
describe() {
	case $1 in
	cc) echo "C compiler (the race detector needs one)" ;;
	postgres) echo "PostgreSQL 15 or newer, server programs initdb and pg_ctl" ;;
	chromium) echo "Chromium or Chrome" ;;
	node) echo "Node 18 or newer" ;;
	npm) echo "npm, which installs Okta's Node SDK" ;;
	curl) echo "curl (the commands of docs/api.md)" ;;
	jq) echo "jq (the commands of docs/api.md)" ;;
	esac
}

# require_tools: installs what is missing, or fails with the packages' names.
require_tools() {
	local missing manager tool packages=''
	missing=$(missing_tools)
	[ -n "$missing" ] || return 0

	manager=$(package_manager)
	for tool in $missing; do
		echo "missing: $(describe "$tool"); package: $(packages_for "$manager" "$tool")"
		packages="$packages $(packages_for "$manager" "$tool")"
	done

	# shellcheck disable=SC2086 # the list is words
	if install "$manager" $packages; then missing=$(missing_tools); fi
	[ -n "$missing" ] || return 0

	for tool in $missing; do
		echo "error: still missing: $(describe "$tool")" >&2
	done
	if [ "$manager" = unknown ]; then
		echo "error: no package manager is known here (apt-get, dnf, apk, pacman, brew); install by hand:$packages" >&2
	else
		echo "error: install by hand, then run this again: $manager packages$packages" >&2
	fi
	return 1
}
