/* Config_check: what a text setting must look like. For config.c alone.
 *
 * Each gives NULL when the value will do, else what it must be, as the rest of the
 * sentence "it must be …". Names are not resolved here. Any thread.
 */
#ifndef FOYER_BASE_CONFIG_CHECK_H
#define FOYER_BASE_CONFIG_CHECK_H

#include "base/str.h"

const char *check_not_empty(struct str value);
const char *check_listen(struct str value);   /* host:port, [v6]:port, port alone is refused */
const char *check_base_url(struct str value); /* scheme and authority, no path */
const char *check_smtp_url(struct str value);
const char *check_addresses(struct str value); /* IP literals, with /prefix or without, by commas */
const char *check_native_plugins(struct str value); /* ID=SHA-256 in hex, by commas */
const char *check_targets(struct str value); /* addresses, with a port or without: base/address.h */
const char *check_mail_from(struct str value); /* an address, or a name with one in <> */

/* One or two wrong, missing, added or swapped letters apart, and not the same. */
bool check_is_typo(struct str written, struct str meant);

#endif
