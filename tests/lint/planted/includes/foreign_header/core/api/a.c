/* Planted: rows are reached through store/query.h. */
#include <sqlite3.h>
