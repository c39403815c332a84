/* Pack: several files as one text: for each NAME LENGTH, a line; then its bytes, and a line's end. */
#ifndef FOYER_PLUGIN_PACK_H
#define FOYER_PLUGIN_PACK_H

#include "base/buf.h"

struct packed_file {
    struct str name, source; /* of the pack */
};

/* name has no line's end, and no blank before its last one matters. */
void pack_add(struct buf *pack, struct str name, struct str source);
/* Takes the first file off *rest. False: there is none, or *rest is spoilt (then it is not empty). */
bool pack_next(struct str *rest, struct packed_file *file);

#endif
