package kernel

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"strings"

	"github.com/medallion-go/medallion/expr"
)

// ciphers are AES: encrypted binaries begin with the initialization vector of GCM and CBC.
func ciphers() map[string]builder {
	return map[string]builder{"aes_encrypt": aesEncrypt, "aes_decrypt": aesDecrypt, "try_aes_decrypt": aesDecrypt}
}

// aesMode is a way to use AES.
type aesMode uint8

const (
	noMode aesMode = iota
	ecb
	cbc
	gcm
)

// aesModeOf goes by the names of mode and padding: ECB and CBC pad as PKCS, GCM does not.
func aesModeOf(mode, padding string) aesMode {
	padding = strings.ToUpper(padding)
	switch pads := padding == "PKCS" || padding == "DEFAULT"; strings.ToUpper(mode) {
	case "ECB":
		if pads {
			return ecb
		}
	case "CBC":
		if pads {
			return cbc
		}
	case "GCM":
		if padding == "NONE" || padding == "DEFAULT" {
			return gcm
		}
	}
	return noMode
}

// vector is the length of the mode's initialization vector.
func (m aesMode) vector() int { return [...]int{cbc: aes.BlockSize, gcm: 12}[m] }

// coder encrypts or decrypts with one key and mode.
type coder struct {
	pos   expr.Pos
	name  string // of the mode
	mode  aesMode
	key   []byte
	block cipher.Block
	aead  cipher.AEAD
}

func newCoder(pos expr.Pos, key []byte, mode, padding string) (*coder, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, aesFault(pos, "KEY_LENGTH", "a key of AES has 16, 24 or 32 bytes, not %d", len(key))
	}
	c := &coder{pos: pos, name: mode, mode: aesModeOf(mode, padding), key: bytes.Clone(key), block: block}
	if c.mode == noMode {
		return nil, fault(pos, "UNSUPPORTED_FEATURE.AES_MODE", "0A000", "use GCM, CBC or ECB", "there is no AES mode %s with the padding %s", mode, padding)
	}
	if c.mode == gcm {
		if c.aead, err = cipher.NewGCM(block); err != nil {
			return nil, aesFault(pos, "AES_CRYPTO_ERROR", "%v", err)
		}
	}
	return c, nil
}

func aesFault(pos expr.Pos, class, format string, args ...any) error {
	return fault(pos, "INVALID_PARAMETER_VALUE.AES_"+strings.TrimPrefix(class, "AES_"), "22023", "", format, args...)
}

// coders keeps a coder while key, mode and padding stay the same.
type coders struct {
	pos                expr.Pos
	keys, modes, kinds texts
	last               *coder
	padding            string
}

func (c *coders) at(i int) (*coder, error) {
	key, mode, padding := c.keys.at(i), c.modes.at(i), c.kinds.at(i)
	if c.last != nil && bytes.Equal(c.last.key, key) && c.last.name == string(mode) && c.padding == string(padding) {
		return c.last, nil
	}
	var err error
	c.last, err = newCoder(c.pos, key, string(mode), string(padding))
	c.padding = string(padding)
	return c.last, err
}

// aesEncrypt takes a binary, key, mode, padding, initialization vector (empty: a random one) and additional data that is authenticated.
func aesEncrypt(c *site) (kernel, error) {
	return kernel{unsafe: true, now: true, run: func(k *frame, args []vec) (vec, error) {
		a, vectors, more := textsOf(args[0]), textsOf(args[4]), textsOf(args[5])
		by := coders{pos: c.pos, keys: textsOf(args[1]), modes: textsOf(args[2]), kinds: textsOf(args[3])}
		t := k.newText(2*a.size() + 32*k.n)
		for i := range k.rows() {
			coder, err := by.at(i)
			if err != nil {
				return vec{}, err
			}
			t.row(i)
			if t.data, err = coder.encrypt(t.data, a.at(i), vectors.at(i), more.at(i)); err != nil {
				return vec{}, err
			}
		}
		return t.done()
	}}, nil
}

func (c *coder) encrypt(dst, s, iv, more []byte) ([]byte, error) {
	switch size := c.mode.vector(); {
	case len(iv) == 0:
		iv = make([]byte, size)
		if _, err := rand.Read(iv); err != nil {
			return nil, aesFault(c.pos, "CRYPTO_ERROR", "no random numbers: %v", err)
		}
	case c.mode == ecb:
		return nil, fault(c.pos, "UNSUPPORTED_FEATURE.AES_MODE_IV", "0A000", "", "AES mode %s takes no initialization vector", c.name)
	case len(iv) != size:
		return nil, aesFault(c.pos, "IV_LENGTH", "AES mode %s takes an initialization vector of %d bytes, not %d", c.name, size, len(iv))
	}
	if err := c.checkMore(more); err != nil {
		return nil, err
	}
	dst = append(dst, iv...)
	if c.mode == gcm {
		return c.aead.Seal(dst, iv, s, more), nil
	}
	start := len(dst)
	dst = append(dst, s...)
	padding := aes.BlockSize - len(s)%aes.BlockSize
	dst = append(dst, bytes.Repeat([]byte{byte(padding)}, padding)...)
	if c.mode == cbc {
		cipher.NewCBCEncrypter(c.block, iv).CryptBlocks(dst[start:], dst[start:])
		return dst, nil
	}
	for b := dst[start:]; len(b) > 0; b = b[aes.BlockSize:] {
		c.block.Encrypt(b, b)
	}
	return dst, nil
}

func (c *coder) checkMore(more []byte) error {
	if len(more) > 0 && c.mode != gcm {
		return fault(c.pos, "UNSUPPORTED_FEATURE.AES_MODE_AAD", "0A000", "", "AES mode %s authenticates no additional data", c.name)
	}
	return nil
}

// aesDecrypt takes a binary, key, mode, padding and additional data; its try_ form gives NULL for all that fails.
func aesDecrypt(c *site) (kernel, error) {
	try := tries(c.name)
	return kernel{unsafe: true, run: func(k *frame, args []vec) (vec, error) {
		a, more := textsOf(args[0]), textsOf(args[4])
		by := coders{pos: c.pos, keys: textsOf(args[1]), modes: textsOf(args[2]), kinds: textsOf(args[3])}
		t := k.newText(a.size())
		for i := range k.rows() {
			t.row(i)
			coder, err := by.at(i)
			data := t.data
			if err == nil {
				data, err = coder.decrypt(t.data, a.at(i), more.at(i))
			}
			switch {
			case err == nil:
				t.data = data
			case try:
				k.setNull(i)
			default:
				return vec{}, err
			}
		}
		return t.done()
	}}, nil
}

var errPadding = errors.New("the padding is wrong: another key or mode was used, or the bytes are damaged")

func (c *coder) decrypt(dst, s, more []byte) (out []byte, err error) {
	size := c.mode.vector()
	if len(s) < size {
		return nil, aesFault(c.pos, "CRYPTO_ERROR", "%d bytes are too few", len(s))
	}
	iv, s := s[:size], s[size:]
	if c.mode == gcm {
		out, err = c.aead.Open(dst, iv, s, more)
	} else {
		if c.mode == cbc {
			if err := c.checkMore(more); err != nil {
				return nil, err
			}
		}
		out, err = c.openBlocks(dst, iv, s)
	}
	if err != nil {
		return nil, aesFault(c.pos, "CRYPTO_ERROR", "%v", err)
	}
	return out, nil
}

// openBlocks decrypts blocks and takes their padding off; nothing stays nothing.
func (c *coder) openBlocks(dst, iv, s []byte) ([]byte, error) {
	if len(s)%aes.BlockSize != 0 {
		return nil, errors.New("the bytes are no whole blocks")
	}
	if len(s) == 0 {
		return dst, nil
	}
	start := len(dst)
	dst = append(dst, s...)
	if c.mode == cbc {
		cipher.NewCBCDecrypter(c.block, iv).CryptBlocks(dst[start:], dst[start:])
	} else {
		for b := dst[start:]; len(b) > 0; b = b[aes.BlockSize:] {
			c.block.Decrypt(b, b)
		}
	}
	padding := int(dst[len(dst)-1])
	if padding == 0 || padding > aes.BlockSize {
		return nil, errPadding
	}
	end := len(dst) - padding
	for _, b := range dst[end:] {
		if int(b) != padding {
			return nil, errPadding
		}
	}
	return dst[:end], nil
}
