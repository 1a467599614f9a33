package databricks

import (
	_ "github.com/databricks/databricks-sql-go" // the driver that the connection stands on
)
