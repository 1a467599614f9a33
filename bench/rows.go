package main

import (
	"time"

	"github.com/medallion-go/medallion/schema"
)

// Event is what an event file says of an event: any value may be missing or malformed.
type Event struct {
	EventID       *string
	EventType     *string
	EventTS       *time.Time `delta:"event_ts"`
	Seq           *int64
	UserID        *int64
	SessionID     *string
	Status        *string
	Payload       *Payload
	Items         *[]*Item
	Tags          *[]*string
	Geo           *Geo
	CorruptRecord *string `delta:"_corrupt_record"`
}

// RawEvent is a line of the event files.
type RawEvent struct {
	Event
	Metadata *FileName `delta:"_metadata"`
}

// FileName is what is kept of a row's _metadata.
type FileName struct{ FileName string }

// BronzeEvent is a row of bronze_events.
type BronzeEvent struct {
	Event
	SourceFile *string    `delta:"_source_file"`
	IngestTime *time.Time `delta:"_ingest_time"`
}

// Payload is what the event is about.
type Payload struct {
	ProductID *int64
	Quantity  *int64
	UnitPrice *float64
	Currency  *string
	Coupon    *string
	Query     *string
	Device    *Device
}

// Device is where the event came from.
type Device struct {
	OS         *string `delta:"os"`
	Browser    *string
	AppVersion *string
}

// Item is one item of a cart.
type Item struct {
	SKU   *string `delta:"sku"`
	Qty   *int64
	Price *float64
}

// Geo is where the user was.
type Geo struct {
	Country *string
	City    *string
	Lat     *float64
	Lon     *float64
}

// RawCustomer is a line of the customer files.
type RawCustomer struct {
	Customer
	CorruptRecord *string   `delta:"_corrupt_record"`
	Metadata      *FileName `delta:"_metadata"`
}

// Customer is a row of silver_customers.
type Customer struct {
	CustomerID  *int64
	Name        *string
	Email       *string
	Country     *string
	Segment     *string
	SignupDate  *schema.Date
	BirthYear   *int64
	CreditLimit *schema.Decimal `delta:"credit_limit,decimal(12,2)"`
	IsActive    *bool
	UpdatedAt   *time.Time
}

// BronzeCustomer is a row of bronze_customers.
type BronzeCustomer struct {
	Customer
	SourceFile *string    `delta:"_source_file"`
	IngestTime *time.Time `delta:"_ingest_time"`
}

// CustomerVersion is a row of customers_scd2.
type CustomerVersion struct {
	Customer
	ValidFrom *time.Time
	ValidTo   *time.Time
	IsCurrent *bool
}

// Change is a row of the change files.
type Change struct {
	Op        *string    `delta:"Op"`
	CommitTS  *time.Time `delta:"commit_ts"`
	ChangeSeq *int64
	Customer
}

// FlatEvent is an event that passed the rules, one column a value.
type FlatEvent struct {
	EventID       string
	EventDate     *schema.Date
	EventTS       time.Time `delta:"event_ts"`
	EventType     *string
	Seq           *int64
	UserID        int64
	SessionID     *string
	Status        *string
	ProductID     *int64
	Quantity      *int64
	UnitPrice     *float64
	Currency      *string
	Coupon        *string
	Query         *string
	DeviceOS      *string `delta:"device_os"`
	DeviceBrowser *string
	AppVersion    *string
	ItemCount     int64
	ItemsQty      int64
	TagCount      int64
	GeoCountry    *string
	GeoCity       *string
	Lat           *float64
	Lon           *float64
	AmountCents   *int64
}

// SilverEvent is a row of silver_events.
type SilverEvent struct {
	FlatEvent
	AmountEurCents  *int64
	CustomerCountry string
	CustomerSegment string
	CustomerActive  *bool
}

// Product is a row of the catalogue.
type Product struct {
	ProductID *int64
	Category  *string
}

// Sale is a paid purchase.
type Sale struct {
	EventDate      *schema.Date
	Country        string
	ProductID      *int64
	UserID         int64
	Quantity       *int64
	AmountEurCents *int64
	Category       string
}

// Daily is a row of gold_daily.
type Daily struct {
	EventDate       *schema.Date
	Country         string
	Category        string
	Orders          int64
	Units           *int64
	RevenueEurCents *int64
	Users           int64
	P95EurCents     *float64 `delta:"p95_eur_cents"`
}

// TopProduct is a row of gold_top_products.
type TopProduct struct {
	Category        string
	Rank            int64
	ProductID       *int64
	RevenueEurCents *int64
	Orders          int64
}

// Rolling7 is a row of gold_rolling7.
type Rolling7 struct {
	Country         string
	EventDate       *schema.Date
	RevenueEurCents *int64
	Orders          int64
	Revenue7d       *int64 `delta:"revenue_7d"`
	Orders7d        *int64 `delta:"orders_7d"`
}
