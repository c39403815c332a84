-- Serve: key, bucket, rule, rows. The statements and the order are those of tests/bench/bare.
local ffi = require("ffi")
local shape = require("shape")
local sqlite = require("sqlite")

ffi.cdef("unsigned char *SHA256(const char *, size_t, unsigned char *);")
local crypto = ffi.load("libcrypto.so.3")

local LIVE = "SELECT " .. shape.COLUMNS .. " FROM clients t WHERE t.workspace = ?1 AND t.archived_at IS NULL"
local SQL = {
  key = [[SELECT k.workspace, k.seq, coalesce(k.scopes, r.permissions) FROM api_keys k
    LEFT JOIN internal_users u ON u.seq = k.internal_user LEFT JOIN roles r ON r.seq = u.role
    WHERE k.key_hash = ?1 AND k.revoked_at IS NULL
    AND (k.expires_at IS NULL OR k.expires_at > ?2) AND u.removed_at IS NULL]],
  client = LIVE .. " AND t.id = ?2",
  list = LIVE .. " ORDER BY t.seq DESC LIMIT ?2",
  given = LIVE .. " AND t.given_key = ?3 AND t.given_name = ?4 ORDER BY t.seq DESC LIMIT ?2",
  search = "SELECT " .. shape.COLUMNS .. [[ FROM clients_text f CROSS JOIN clients t ON t.seq = (f.rowid & 0xffffffffff)
    WHERE f.text MATCH ?3 AND f.rowid > ?1 << 40 AND f.rowid < (?1 + 1) << 40 AND t.workspace = ?1
    AND t.archived_at IS NULL AND NOT EXISTS
    (SELECT 1 FROM clients_dirty d WHERE d.workspace = ?1 AND d.client = t.seq)
    ORDER BY f.rowid DESC LIMIT ?2]],
  fresh = "SELECT " .. shape.COLUMNS .. [[ FROM clients t WHERE t.seq IN
    (SELECT seq FROM clients WHERE seq > (SELECT clients_watermark FROM search_state)
    UNION SELECT client FROM clients_dirty WHERE workspace = ?1) AND t.workspace = ?1
    AND t.archived_at IS NULL AND instr(t.given_key || ' ' || t.family_key || ' ' || coalesce(t.email_key, '') || ' '
    || coalesce(t.phone, ''), ?3) > 0 ORDER BY t.seq DESC LIMIT ?2]],
}
local RATE = 1e9 -- tokens a second, and at most

local serve = {}
local statements = {}
local buckets = {}
local count, prefix = 0, string.format("%08x-", ngx.time())
local out = {} -- pieces of the answer under way

function serve.open(data)
  local db = sqlite.open(data .. "/foyer.db",
    { "synchronous = FULL", "temp_store = MEMORY", "cache_size = -8192", "query_only = ON", "wal_autocheckpoint = 0" })

  for name, sql in pairs(SQL) do statements[name] = sqlite.prepare(db, sql) end
end

-- Its statement stays open until the answer is made: that alone keeps the snapshot.
local hash = ffi.new("unsigned char[32]")

local function key_of(text)
  local row = statements.key

  crypto.SHA256(text, #text, hash)
  sqlite.bind_blob(row, 1, ffi.string(hash, 32))
  sqlite.bind_int(row, 2, ngx.now() * 1e6)
  if not sqlite.step(row) then return nil end
  return { workspace = sqlite.int(row, 0), seq = sqlite.int(row, 1), may = sqlite.text(row, 2) }
end

local function take(seq)
  local now = ngx.now()
  local bucket = buckets[seq]

  if not bucket then
    bucket = { tokens = RATE, at = now }
    buckets[seq] = bucket
  end
  bucket.tokens = math.min(RATE, bucket.tokens + (now - bucket.at) * RATE)
  bucket.at = now
  if bucket.tokens < 1 then return nil end
  bucket.tokens = bucket.tokens - 1
  return bucket.tokens
end

local function rule(key, permission)
  if key.may:find('"' .. permission .. '"', 1, true) then return { allow = "role" } end
end

-- Gives how many rows there were, one more than the limit at most, the length of `out`, and the last number.
local function put_rows(row, limit, n, last)
  local rows = 0

  while sqlite.step(row) do
    rows = rows + 1
    if rows > limit then break end
    if n > 1 then
      n = n + 1
      out[n] = ","
    end
    n = shape.client(row, out, n)
    last = sqlite.int(row, 0)
  end
  sqlite.reset(row)
  return rows, n, last
end

local function bound(name, key, limit, value, exact)
  local row = statements[name]

  sqlite.bind_int(row, 1, key.workspace)
  sqlite.bind_int(row, 2, limit)
  if value then sqlite.bind_text(row, 3, value) end
  if exact then sqlite.bind_text(row, 4, exact) end
  return row
end

-- What is not in the index yet is newer than all that is: it comes first.
local function put_found(key, limit, q)
  local rows, n, last = put_rows(bound("fresh", key, limit + 1, q), limit, 1, 0)

  if rows > limit then return rows, n, last end
  local more, length, least = put_rows(bound("search", key, limit + 1, '"' .. q .. '"'), limit - rows, n, last)

  return rows + more, length, least
end

local function put_list(key)
  local args = ngx.req.get_uri_args()
  local limit = tonumber(args.limit or 100)
  local q, given = args.q, args.givenName
  local rows, n, last

  out[1] = '{"data":['
  if q then
    rows, n, last = put_found(key, limit, q:lower())
  elseif given then
    rows, n, last = put_rows(bound("given", key, limit + 1, given:lower(), given), limit, 1, 0)
  else
    rows, n, last = put_rows(bound("list", key, limit + 1), limit, 1, 0)
  end
  out[n + 1] = "]"
  n = n + 1
  if rows > limit then
    out[n + 1] = ',"nextToken":"'
    out[n + 2] = q and shape.next_token("search", key.workspace * 2 ^ 40 + last) or shape.next_token("createdAt", last)
    out[n + 3] = '"'
    n = n + 3
  end
  out[n + 1] = "}"
  return n + 1
end

-- Gives the length of `out`, nil: there is no such client.
local id_bytes = ffi.new("unsigned char[16]")

local function put_client(key, text)
  local row = statements.client

  if #text ~= 36 or not text:find("^%x+%-%x+%-%x+%-%x+%-%x+$") then return nil end
  local digits = text:gsub("-", "")

  if #digits ~= 32 then return nil end
  for i = 0, 15 do id_bytes[i] = tonumber(digits:sub(2 * i + 1, 2 * i + 2), 16) end
  sqlite.bind_int(row, 1, key.workspace)
  sqlite.bind_blob(row, 2, ffi.string(id_bytes, 16))
  local n = sqlite.step(row) and shape.client(row, out, 0) or nil

  sqlite.reset(row)
  return n
end

local function refuse(status, code)
  ngx.status = status
  ngx.header["Content-Length"] = #code + 11
  ngx.print('{"code":"', code, '"}')
end

local function answer()
  local key = key_of(ngx.var.http_x_api_key or "")

  if not key then return refuse(401, "unauthenticated") end
  local left = take(key.seq)

  if not left then return refuse(429, "too_many_requests") end
  if not rule(key, "view_clients") then return refuse(403, "denied") end
  local path = ngx.var.uri
  local n = #path > 12 and put_client(key, path:sub(13)) or #path <= 12 and put_list(key)

  if not n then return refuse(404, "not_found") end
  local body = table.concat(out, "", 1, n)
  local header = ngx.header

  header["Content-Length"] = #body
  header["ETag"] = '"' .. ngx.md5(body) .. '"'
  header["Cache-Control"] = "private, no-cache"
  header["X-Content-Type-Options"] = "nosniff"
  header["RateLimit-Policy"] = '"requests";q=1000000000;w=1'
  header["RateLimit"] = string.format('"requests";r=%d;t=0', left)
  ngx.print(body)
end

function serve.clients()
  count = count + 1
  ngx.header["X-Request-Id"] = prefix .. count
  if ngx.req.get_method() ~= "GET" then return refuse(405, "method_not_allowed") end
  answer()
  sqlite.reset(statements.key)
end

return serve
