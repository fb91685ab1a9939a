package sqlstore

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/usher-id/usher/internal/fault"
)

func TestFailuresOfPostgres(t *testing.T) {
	e := &postgresEngine{}
	for name, c := range map[string]struct {
		err  error
		want failure
	}{
		"none":                 {nil, internal},
		"ours":                 {errors.New("x"), internal},
		"serialization":        {&pgconn.PgError{Code: "40001"}, gaveUp},
		"deadlock":             {&pgconn.PgError{Code: "40P01"}, gaveUp},
		"unique":               {&pgconn.PgError{Code: "23505"}, notUnique},
		"foreign key":          {&pgconn.PgError{Code: "23503"}, gaveUp},
		"syntax":               {&pgconn.PgError{Code: "42601"}, internal},
		"password":             {&pgconn.PgError{Code: "28P01"}, internal},
		"no code":              {&pgconn.PgError{}, internal},
		"lock timeout":         {&pgconn.PgError{Code: "55P03"}, busy},
		"statement timeout":    {&pgconn.PgError{Code: "57014"}, busy},
		"shutdown":             {&pgconn.PgError{Code: "57P01"}, busy},
		"starting":             {&pgconn.PgError{Code: "57P03"}, busy},
		"idle too long":        {&pgconn.PgError{Code: "25P03"}, busy},
		"too many connections": {&pgconn.PgError{Code: "53300"}, busy},
		"disk full":            {&pgconn.PgError{Code: "53100"}, busy},
		"connection failure":   {&pgconn.PgError{Code: "08006"}, busy},
		"cut off":              {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), busy},
		"refused":              {&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", errors.New("connection refused"))}, busy},
		"wrapped":              {fault.TryAgain(fmt.Errorf("x: %w", &pgconn.PgError{Code: "40001"})), gaveUp},
	} {
		if got := e.failure(c.err); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestServerGoesAway is a server that takes calls and hangs up.
func TestServerGoesAway(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	_, err = openPostgres(t.Context(), "postgres://usher:s3cret@"+l.Addr().String()+"/usher?sslmode=disable")
	if got := (&postgresEngine{}).failure(err); got != busy {
		t.Errorf("%v is failure %d", err, got)
	}
}
