package databricks

import (
	"sync"

	arrowv12 "github.com/apache/arrow/go/v12/arrow"
	"github.com/databricks/databricks-sql-go/logger"
)

// prepareDriver sees to the two things that the driver shares in the process and may not be changed while it runs. Its logger, which writes to standard error,
// is switched off. A type of its Arrow, of which it asks the zone for every result, is asked before, as that notes the answer in the type without a lock.
var prepareDriver = sync.OnceValue(func() error {
	if t, ok := arrowv12.FixedWidthTypes.Timestamp_us.(*arrowv12.TimestampType); ok {
		if _, err := t.GetZone(); err != nil {
			return err
		}
	}
	return logger.SetLogLevel("disabled")
})
