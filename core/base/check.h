/* Check: what we did wrong. Always compiled in; prints where, then aborts.
 *
 * PRE(cond)    the caller broke the contract of this function
 * NEVER(cond)  this cannot be: the state of this module is broken
 * Never for what a peer, a file, a script or the machine did: that is a status.
 */
#ifndef FOYER_BASE_CHECK_H
#define FOYER_BASE_CHECK_H

_Noreturn void check_failed(const char *kind, const char *text, const char *file, int line);

#define PRE(cond)   ((cond) ? (void)0 : check_failed("PRE", #cond, __FILE__, __LINE__))
#define NEVER(cond) ((cond) ? check_failed("NEVER", #cond, __FILE__, __LINE__) : (void)0)

/* malloc and friends that abort with a message when the machine has no memory left. */
#include <stddef.h>
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);

#endif
