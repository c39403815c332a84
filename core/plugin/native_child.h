/* Native_child: how the process of a self-test says what it came to. For native_test.c and native_child.c. */
#ifndef FOYER_PLUGIN_NATIVE_CHILD_H
#define FOYER_PLUGIN_NATIVE_CHILD_H

/* Exit codes that no library gives by mistake; after REFUSED, its last line says why. */
enum { NATIVE_CHILD_PASSED = 86, NATIVE_CHILD_REFUSED = 87 };

#endif
