package warehouse

import "github.com/medallion-go/medallion/plan"

func Render(n plan.Node, names Names) (string, error) { return "", nil }
