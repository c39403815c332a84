/* Folder: the files of a plugin's folder as one text, and putting such a text in the place of the folder.
 *
 * The text is a pack of what the plugin is loaded of (plugin.json, Lua, templates, what browsers fetch). Of a library,
 * and of pictures and whatever else is no short text, it has the digest: bytes are not kept in the database. A library
 * comes back where that build is still there, for which may run is the operator's pin; a picture that is not there any
 * more stays as it is now. Tests, and what is not read, are no part of it: they stay as they lie there.
 */
#ifndef FOYER_PLUGIN_FOLDER_H
#define FOYER_PLUGIN_FOLDER_H

#include "plugin/generation.h"

/* Of a plugin whose files are known, in the arena. */
struct str folder_text(const struct plugin *plugin, struct arena *arena);
/* Of the files that it has as a whole. */
size_t folder_text_bytes(const struct plugin *plugin);
/* The bytes of a file of a text that has its digest: `kept`, or what lies in DATA/plugins/ID or beside it; of what is no
 * library at last what lies there now. Absent: it is not there any more. */
struct packed_file;
struct str folder_bytes(const char *data, struct str id, const struct packed_file *file,
                        struct str kept, struct arena *arena);
bool folder_is_by_digest(const struct packed_file *file);
bool folder_is_library(struct str name);

/* DATA/plugins/ID becomes what the text says (absent: is taken away), in one step where the file system can; what lay
 * there is kept beside it as ID.`left`. library: its bytes, where they
 * are kept. ST_UNAVAILABLE, ST_DISK_FULL, ST_UNPROCESSABLE
 * (the library is not there any more): *report says what cannot be done, and the folder is as it was. */
enum status folder_put(const char *data, struct str id, struct str text, struct str library,
                       const char *left, struct buf *report);
/* Writes DATA/plugins/ID.`left`.txt: why. */
void folder_tell(const char *data, struct str id, const char *left, struct str why);
/* Such as stay beside plugins, and are none. */
bool folder_is_left(struct str name);

#endif
