package expr

import "strings"

// reserved are the words that never name a column or function without back-quotes, because the grammar of an expression or a query stops at them.
var reserved = wordSet(`ALL AND ANTI AS BETWEEN BY CASE CROSS DISTINCT ELSE END EXCEPT FROM FULL GROUP HAVING ILIKE IN INNER INTERSECT IS JOIN LATERAL
	LEFT LIKE LIMIT MINUS NATURAL NOT ON OR ORDER QUALIFY REGEXP RIGHT RLIKE SELECT SEMI THEN UNION USING WHEN WHERE WITH`)

// notAlias are further words that can name a column but never follow an expression or a table as an alias without AS.
var notAlias = wordSet(`ASC CLUSTER DESC DISTRIBUTE DIV ESCAPE FETCH FILTER FOR IGNORE NULLS OFFSET OVER PIVOT RESPECT SET SORT TABLESAMPLE UNPIVOT
	VALUES WINDOW WITHIN`)

// special are words that begin a construct of their own, so that a column of that name is printed in back-quotes.
var special = wordSet(`CAST CURRENT_CATALOG CURRENT_DATABASE CURRENT_DATE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_TIMEZONE CURRENT_USER DATE
	DEFAULT EXISTS EXTRACT FALSE INTERVAL LOCALTIMESTAMP NULL POSITION SESSION_USER STRUCT SUBSTRING TIMESTAMP TIMESTAMP_LTZ TIMESTAMP_NTZ TRIM TRUE TRY_CAST
	USER`)

// Reserved reports whether a word, whatever its case, cannot stand as an alias without AS: it begins the next clause or continues the expression.
func Reserved(word string) bool {
	w := strings.ToUpper(word)
	return reserved[w] || notAlias[w]
}

// Quote prints an identifier, in back-quotes where it would not be read back as one: it is a reserved word, or not letters, digits and underscores.
func Quote(name string) string {
	if plainName(name) {
		return name
	}
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

func plainName(name string) bool {
	if name == "" || isDigit(name[0]) {
		return false
	}
	for i := range len(name) {
		if c := name[i]; c != '_' && !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return !Reserved(name) && !special[strings.ToUpper(name)]
}

func wordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// QuoteString prints a STRING literal, so that it is read back as the text and nothing in it is taken for SQL or for a variable.
func QuoteString(text string) string { return Literal{Value: text, Type: typeString}.String() }
