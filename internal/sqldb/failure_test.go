package sqldb

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
		want Failure
	}{
		"none":                 {nil, Internal},
		"ours":                 {errors.New("x"), Internal},
		"serialization":        {&pgconn.PgError{Code: "40001"}, GaveUp},
		"deadlock":             {&pgconn.PgError{Code: "40P01"}, GaveUp},
		"unique":               {&pgconn.PgError{Code: "23505"}, NotUnique},
		"foreign key":          {&pgconn.PgError{Code: "23503"}, GaveUp},
		"syntax":               {&pgconn.PgError{Code: "42601"}, Internal},
		"password":             {&pgconn.PgError{Code: "28P01"}, Internal},
		"no code":              {&pgconn.PgError{}, Internal},
		"lock timeout":         {&pgconn.PgError{Code: "55P03"}, Busy},
		"statement timeout":    {&pgconn.PgError{Code: "57014"}, Busy},
		"shutdown":             {&pgconn.PgError{Code: "57P01"}, Busy},
		"starting":             {&pgconn.PgError{Code: "57P03"}, Busy},
		"idle too long":        {&pgconn.PgError{Code: "25P03"}, Busy},
		"too many connections": {&pgconn.PgError{Code: "53300"}, Busy},
		"disk full":            {&pgconn.PgError{Code: "53100"}, Busy},
		"connection failure":   {&pgconn.PgError{Code: "08006"}, Busy},
		"cut off":              {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), Busy},
		"refused":              {&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", errors.New("connection refused"))}, Busy},
		"wrapped":              {fault.TryAgain(fmt.Errorf("x: %w", &pgconn.PgError{Code: "40001"})), GaveUp},
	} {
		if got := e.Failure(c.err); got != c.want {
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
	if got := (&postgresEngine{}).Failure(err); got != Busy {
		t.Errorf("%v is failure %d", err, got)
	}
}
