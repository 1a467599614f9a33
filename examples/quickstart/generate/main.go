// Generate writes the quickstart's raw files, always the same ones: orders with the flaws of real life, customers and products.
//
//	go run ./examples/quickstart/generate examples/quickstart/landing
package main

import (
	"bytes"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/medallion-go/medallion/internal/parquet"
	"github.com/medallion-go/medallion/schema"
)

const (
	customers = 400
	products  = 60
	orders    = 3000
	files     = 3
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: generate LANDING")
	}
	if err := generate(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func generate(dir string) error {
	rng := rand.New(rand.NewPCG(2026, 11))
	for i := range files {
		if err := write(filepath.Join(dir, "orders", fmt.Sprintf("orders-%03d.json", i+1)), orderFile(rng, i)); err != nil {
			return err
		}
	}
	if err := write(filepath.Join(dir, "customers", "customers.csv"), customerFile(rng)); err != nil {
		return err
	}
	catalogue, err := productFile()
	if err != nil {
		return err
	}
	return write(filepath.Join(dir, "products", "products.parquet"), catalogue)
}

func write(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

var countries = []string{"DE", "FR", "PL", "ES", "IT", "NL", " de", "pl"}

// orderFile is one day's log: in it, one order in fifty has something wrong, and a few are sent twice or corrected later.
func orderFile(rng *rand.Rand, file int) []byte {
	var b bytes.Buffer
	start := time.Date(2026, 3, 1+7*file, 0, 0, 0, 0, time.UTC)
	for i := range orders / files {
		id := fmt.Sprintf("o-%06d", file*orders/files+i+1)
		at := start.Add(time.Duration(rng.IntN(7*86400)) * time.Second)
		line := order(id, 1+rng.IntN(customers+4), 1+rng.IntN(products), 1+rng.IntN(5), 100+rng.IntN(20000), countries[rng.IntN(len(countries))], at)
		b.WriteString(flawed(rng, line) + "\n")
		switch rng.IntN(40) {
		case 0: // delivered twice
			b.WriteString(line + "\n")
		case 1: // corrected an hour later
			b.WriteString(order(id, 1+rng.IntN(customers), 1+rng.IntN(products), 1, 100+rng.IntN(20000), "DE", at.Add(time.Hour)) + "\n")
		}
	}
	return b.Bytes()
}

func order(id string, customer, product, quantity, cents int, country string, at time.Time) string {
	return fmt.Sprintf(`{"order_id":%q,"customer_id":%d,"product_id":%d,"quantity":%d,"amount":"%d.%02d","country":%q,"ordered_at":%q}`,
		id, customer, product, quantity, cents*quantity/100, cents*quantity%100, country, at.Format(time.RFC3339))
}

// flawed spoils one line in fifty, each in one of the ways that real logs are spoiled.
func flawed(rng *rand.Rand, line string) string {
	if rng.IntN(50) > 0 {
		return line
	}
	replace := func(key, value string) string {
		at := bytes.Index([]byte(line), []byte(`"`+key+`":`))
		end := at + len(key) + 3
		rest := line[end:]
		stop := bytes.IndexAny([]byte(rest), ",}")
		return line[:end] + value + rest[stop:]
	}
	switch rng.IntN(8) {
	case 0:
		return line[:len(line)/2]
	case 1:
		return replace("order_id", "null")
	case 2:
		return replace("customer_id", `"guest"`)
	case 3:
		return replace("quantity", `"three"`)
	case 4:
		return replace("amount", `"-12.00"`)
	case 5:
		return replace("amount", `"N/A"`)
	case 6:
		return replace("ordered_at", `"yesterday"`)
	default:
		return replace("quantity", "100000")
	}
}

func customerFile(rng *rand.Rand) []byte {
	var b bytes.Buffer
	b.WriteString("customer_id,name,country,segment,since\n")
	segments := []string{"consumer", "consumer", "business", "public", ""}
	for i := range customers {
		name := fmt.Sprintf("Customer %d", i+1)
		if i%25 == 0 {
			name = fmt.Sprintf("\"Smith, %d\nand \"\"Sons\"\"\"", i+1)
		}
		since := time.Date(2020, 1, 1+rng.IntN(2000), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		if i%90 == 89 {
			since = "unknown"
		}
		fmt.Fprintf(&b, "%d,%s,%s,%s,%s\n", i+1, name, countries[rng.IntN(6)], segments[rng.IntN(len(segments))], since)
	}
	return b.Bytes()
}

func productFile() ([]byte, error) {
	s := arrow.NewSchema([]arrow.Field{
		{Name: "product_id", Type: schema.BigInt}, {Name: "title", Type: schema.String}, {Name: "category", Type: schema.String},
	}, nil)
	rb := array.NewRecordBuilder(memory.DefaultAllocator, s)
	defer rb.Release()
	categories := []string{"books", "garden", "kitchen", "music", "toys"}
	for i := range products {
		c := categories[i%len(categories)]
		rb.Field(0).(*array.Int64Builder).Append(int64(i + 1))
		rb.Field(1).(*array.StringBuilder).Append(fmt.Sprintf("%s no. %d", c, i/len(categories)+1))
		rb.Field(2).(*array.StringBuilder).Append(c)
	}
	rec := rb.NewRecordBatch()
	defer rec.Release()
	var b bytes.Buffer
	w, err := parquet.NewWriter(&b, s, parquet.WriterConfig{})
	if err != nil {
		return nil, err
	}
	if err := w.Write(rec.Columns(), int(rec.NumRows()), nil); err != nil {
		return nil, err
	}
	if _, err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
