-- SQLite by FFI: the few calls that a read needs.
local ffi = require("ffi")

ffi.cdef([[
typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;
int sqlite3_open_v2(const char *, sqlite3 **, int, const char *);
int sqlite3_exec(sqlite3 *, const char *, void *, void *, char **);
int sqlite3_prepare_v3(sqlite3 *, const char *, int, unsigned, sqlite3_stmt **, const char **);
const char *sqlite3_errmsg(sqlite3 *);
int sqlite3_bind_int64(sqlite3_stmt *, int, int64_t);
int sqlite3_bind_text(sqlite3_stmt *, int, const char *, int, intptr_t);
int sqlite3_bind_blob(sqlite3_stmt *, int, const char *, int, intptr_t);
int sqlite3_step(sqlite3_stmt *);
int sqlite3_reset(sqlite3_stmt *);
int64_t sqlite3_column_int64(sqlite3_stmt *, int);
const char *sqlite3_column_text(sqlite3_stmt *, int);
const char *sqlite3_column_blob(sqlite3_stmt *, int);
int sqlite3_column_bytes(sqlite3_stmt *, int);
]])

local C = ffi.load("libsqlite3.so.0")
local OPEN_READWRITE, OPEN_NOMUTEX, PERSISTENT = 0x2, 0x8000, 1
local ROW, DONE = 100, 101
local TRANSIENT = -1

local sqlite = {}

function sqlite.open(path, settings)
  local at = ffi.new("sqlite3 *[1]")

  if C.sqlite3_open_v2(path, at, OPEN_READWRITE + OPEN_NOMUTEX, nil) ~= 0 then
    error(path .. ": " .. ffi.string(C.sqlite3_errmsg(at[0])))
  end
  for _, setting in ipairs(settings) do
    if C.sqlite3_exec(at[0], "PRAGMA " .. setting, nil, nil, nil) ~= 0 then error(setting) end
  end
  return at[0]
end

function sqlite.prepare(db, sql)
  local at = ffi.new("sqlite3_stmt *[1]")

  if C.sqlite3_prepare_v3(db, sql, -1, PERSISTENT, at, nil) ~= 0 then
    error(ffi.string(C.sqlite3_errmsg(db)) .. ": " .. sql)
  end
  return at[0]
end

function sqlite.bind_int(row, at, value) C.sqlite3_bind_int64(row, at, value) end
function sqlite.bind_text(row, at, value) C.sqlite3_bind_text(row, at, value, #value, TRANSIENT) end
function sqlite.bind_blob(row, at, value) C.sqlite3_bind_blob(row, at, value, #value, TRANSIENT) end

-- Is there a row?
function sqlite.step(row)
  local result = C.sqlite3_step(row)

  if result ~= ROW and result ~= DONE then error("a statement failed: " .. result) end
  return result == ROW
end

function sqlite.reset(row) C.sqlite3_reset(row) end
function sqlite.int(row, column) return tonumber(C.sqlite3_column_int64(row, column)) end

-- nil where the column is NULL.
function sqlite.text(row, column)
  local at = C.sqlite3_column_text(row, column)

  return at ~= nil and ffi.string(at, C.sqlite3_column_bytes(row, column)) or nil
end

-- Bytes and their count: they are there until the next step.
function sqlite.blob(row, column) return C.sqlite3_column_blob(row, column), C.sqlite3_column_bytes(row, column) end

return sqlite
