-- Each entry of the audit goes to an archive: in its order, at least once, signed.
--
-- The cursor is what the archive has taken: number and seal of the last entry, and the page that it stands on. It
-- moves after the archive's answer, so a crash in between sends a batch again, with the same Idempotency-Key. A number
-- that is missing is told in the stream itself; after a restored backup the archive sees by X-Foyer-After where another
-- history begins.

local foyer = require("foyer")

local BODY = 400000 -- bytes; what is signed may have 512 KiB

foyer.metrics.counter("audit_exported", { help = "Entries that the archive has taken" })
foyer.metrics.counter("audit_gaps", { help = "Times that numbers were missing" })
foyer.metrics.gauge("audit_cursor", { help = "Number of the last entry that was taken", labels = { "workspace" } })

-- Gives the cursor, and its version for keep_cursor.
foyer.transaction("read_cursor", function()
  local cursor, version = foyer.kv.get("cursor")
  return { cursor = cursor or { number = 0 }, version = version or 0 }
end)

foyer.transaction("keep_cursor", function(_, args)
  local version = foyer.kv.set("cursor", args.cursor, { version = args.version })
  if not version then error("another run has moved the cursor meanwhile") end
  foyer.metrics.add("audit_exported", args.count)
  foyer.metrics.add("audit_gaps", args.gaps)
  foyer.metrics.set("audit_cursor", args.cursor.number)
  return version
end)

local function read_page(page, limit)
  local answer = foyer.api("GET", "/v1/audit", { query = { sort = "createdAt", limit = limit, nextToken = page } })
  if answer.status ~= 200 then error("the audit cannot be read: " .. answer.body.message) end
  return answer.body
end

local function line_of(entry)
  local line = foyer.json.encode(entry)
  if #line <= BODY then return line end
  local short = {}
  for name, value in pairs(entry) do short[name] = value end
  short.detail, short.detailLeftOut = nil, true
  return foyer.json.encode(short)
end

-- The entries of a page that come after the cursor, up to the first that is not sealed yet.
local function lines_of(entries, cursor)
  local lines, bytes, gaps, last = {}, 0, 0, cursor
  for _, entry in ipairs(entries) do
    if entry.number > last.number then
      if not entry.seal then break end -- sealed in a moment: the next run takes it
      local line = line_of(entry)
      if bytes + #line > BODY and #lines > 0 then return lines, last, gaps, true end
      if entry.number ~= last.number + 1 then
        gaps = gaps + 1
        lines[#lines + 1] = foyer.json.encode({ object = "auditGap", from = last.number + 1, to = entry.number - 1 })
        foyer.log.warn("entries " .. last.number + 1 .. " to " .. entry.number - 1 .. " of the audit are missing")
      end
      lines[#lines + 1] = line
      bytes = bytes + #line + 1
      last = { number = entry.number, seal = entry.seal }
    end
  end
  return lines, last, gaps, false
end

local function send(settings, body, name, after)
  local key, token = foyer.secret("key"), foyer.secret("token")
  if not key then error("set the key: archives must know who sends") end
  local stamp = tostring(math.floor(foyer.time.seconds(foyer.time.now())))
  local headers = {
    ["Content-Type"] = "application/x-ndjson",
    ["Authorization"] = token and token:prefixed("Bearer ") or nil,
    ["Idempotency-Key"] = name,
    ["X-Foyer-After"] = after,
    ["X-Foyer-Signature"] = "t=" .. stamp .. ",v1=" .. foyer.crypto.hmac(key, stamp .. "." .. body),
  }
  local answer = foyer.http.fetch(foyer.text.trim(settings.endpoint),
    { method = "POST", body = body, timeout = 20, headers = headers })
  if answer.status >= 300 then
    error("the archive says " .. answer.status .. ": " .. answer.body:sub(1, 200))
  end
end

-- An error is a try that failed: the job is tried again after 1, 5 and 30 minutes …, and goes on where the archive is.
foyer.job("export", { every = "1m", describe = "sends new entries of the audit to the archive" }, function(ctx)
  if not ctx.settings.endpoint:find("%S") then return end
  -- The time makes it another question: what begins again must not be told where it began before.
  local state = foyer.run("read_cursor", { at = foyer.time.now() })
  local cursor, version = state.cursor, state.version

  local at = cursor.page -- where the last entry stands: it is looked at again

  for _ = 1, ctx.settings.requests do
    local page = read_page(at, ctx.settings.batch)
    local lines, moved, gaps, more = lines_of(page.data, cursor)
    if #lines > 0 then
      -- With a piece of the seal: after a restored backup the same numbers are other entries.
      send(ctx.settings, table.concat(lines, "\n") .. "\n",
        cursor.number + 1 .. "-" .. moved.number .. "-" .. moved.seal:sub(1, 16),
        cursor.number .. (cursor.seal and " " .. cursor.seal or ""))
      moved = { number = moved.number, seal = moved.seal, page = at }
      version = foyer.run("keep_cursor", { cursor = moved, version = version, count = #lines - gaps, gaps = gaps })
      cursor = moved
    end
    if not more then
      local last = page.data[#page.data]
      if not page.nextToken or cursor.number ~= last.number then return end
      at = page.nextToken
    end
  end
end)
