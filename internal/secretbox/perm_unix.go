//go:build unix

package secretbox

import (
	"errors"
	"os"
)

func thisSystem() system { return system{modes: true, syncDir: syncDir} }

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
