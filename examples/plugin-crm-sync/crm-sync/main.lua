-- Clients and companies go to a CRM.
--
-- Events only mark who has changed; a job sends each as it is by then, companies first. So nothing depends on the order
-- or number of events: what was changed five times is sent once, what fails waits, and a full resync marks everybody.
--
--   dirty/KIND/ID   { full = by a resync: also where it is the same }; is to be sent. Its version tells whether it was
--                   marked again while it was being sent
--   known/KIND/ID   { crm = its id there, sum = hash of what was sent last, refused = why the CRM did not take it }
--   paused          the CRM asked to wait (429)
--   resync          { word =, kind =, page = }: how far a full resync has come

local foyer = require("foyer")
local crm = require("lib.crm")

foyer.metrics.counter("crm_sent", { help = "What became of changes that were to be sent", labels = { "result" } })
foyer.metrics.gauge("crm_waiting", { help = "Changes not sent yet, up to 200 of a kind", labels = { "workspace" } })

local KINDS = { "company", "client" } -- in this order: a person names the CRM's id of its company

-- ---- Marking -------------------------------------------------------------------------------------------------------

local function mark(kind, id, full)
  local key = "dirty/" .. kind .. "/" .. id
  local before = foyer.kv.get(key)
  foyer.kv.set(key, { full = full or before and before.full or false })
end

foyer.transaction("mark", function(_, args) mark(args.kind, args.id) end)

local function changed(event, ctx)
  if not ctx.settings.base:find("%S") then return end
  if event.entity == "company" and not ctx.settings.companies:find("%S") then return end
  foyer.run("mark", { kind = event.entity, id = event.entityId })
end

for _, name in ipairs {
  "client.created", "client.updated", "client.activated", "client.deleted", "client.restored",
  "company.created", "company.updated", "company.deleted",
} do
  foyer.on(name, { name = "mark_" .. name, describe = "is to be sent to the CRM" }, changed)
end

-- ---- Sending -------------------------------------------------------------------------------------------------------

-- Whose turn it is, with what is known of each; nothing while the CRM asked to wait.
foyer.transaction("next", function(_, args)
  if foyer.kv.get("paused") then return { paused = true, items = foyer.json.array {} } end
  local items, waiting = foyer.json.array {}, 0
  for _, kind in ipairs(KINDS) do
    local prefix = "dirty/" .. kind .. "/"
    local entries = foyer.kv.list(prefix, { limit = 200 })
    waiting = waiting + #entries
    for i = 1, math.min(#entries, args.limit - #items) do
      local id = entries[i].key:sub(#prefix + 1)
      local known = foyer.kv.get("known/" .. kind .. "/" .. id)
      items[#items + 1] = { kind = kind, id = id, version = entries[i].version, full = entries[i].value.full,
        known = known or {} }
    end
  end
  foyer.metrics.set("crm_waiting", waiting)
  return { items = items }
end)

-- One was sent: what is known of it is kept, and it is dirty no more, unless it was marked again meanwhile.
foyer.transaction("settle", function(_, args)
  local name = args.kind .. "/" .. args.id
  foyer.kv.delete("dirty/" .. name, { version = args.version })
  if args.known then foyer.kv.set("known/" .. name, args.known) else foyer.kv.delete("known/" .. name) end
  foyer.metrics.add("crm_sent", 1, { result = args.result })
end)

foyer.transaction("pause", function(_, args) foyer.kv.set("paused", true, { ttl = args.seconds }) end)

-- The thing as it is now; nil: it is archived or deleted, or the placeholder of a client without a company.
local function load(kind, id)
  local path = kind == "client" and "/v1/clients/" or "/v1/companies/"
  local answer = foyer.api("GET", path .. id)
  if answer.status == 200 then
    local is_left_out = answer.body.archivedAt or answer.body.isPlaceholder
    return not is_left_out and answer.body or nil
  end
  if answer.status == 404 then return nil end
  error("the " .. kind .. " cannot be read: " .. answer.body.message)
end

foyer.transaction("company_of", function(_, args)
  local known = foyer.kv.get("known/company/" .. args.id)
  return known and known.crm
end)

local function send_one(settings, item)
  local path = foyer.text.trim(item.kind == "client" and settings.people or settings.companies)
  local entity = load(item.kind, item.id)
  local known = item.known

  if not entity then
    if not known.crm then return nil, "kept" end
    if settings.deleted == "keep" then return known, "kept" end
    local done = crm.delete(settings, path, known.crm)
    if done.wait then return nil, nil, done.wait end
    if done.refused then return { crm = known.crm, refused = done.refused }, "refused" end
    return nil, "deleted"
  end
  local fields = item.kind == "client" and settings.person_fields or settings.company_fields
  local company = entity.companyId and foyer.run("company_of", { id = entity.companyId, at = foyer.time.now() })
  local payload = crm.payload(entity, crm.mapping(fields), settings.external_id, company)
  local sum = foyer.crypto.sha256(path .. foyer.json.encode(payload))
  -- Also what came from the CRM itself: so nothing goes in circles.
  if known.sum == sum and not known.refused and not item.full then return known, "same" end
  local done = crm.put(settings, path, item.id, known.crm, payload, item.id .. "-" .. sum:sub(1, 16))
  if done.wait then return nil, nil, done.wait end
  if done.refused then return { crm = known.crm, refused = done.refused }, "refused" end
  return { crm = done.id, sum = sum }, known.crm == done.id and "changed" or "made"
end

foyer.job("push", { every = "1m", describe = "sends who has changed to the CRM" }, function(ctx)
  if not ctx.settings.base:find("%S") then return end
  -- The time makes it another question: a later try is told who is dirty then.
  local turn = foyer.run("next", { limit = ctx.settings.per_run, at = foyer.time.now() })
  for _, item in ipairs(turn.items) do
    local known, result, wait = send_one(ctx.settings, item)
    if wait then
      foyer.log.info("the CRM asks to wait for " .. wait .. " s")
      foyer.run("pause", { seconds = wait, at = foyer.time.now() })
      return
    end
    if result == "refused" then
      foyer.log.warn("the CRM does not take the " .. item.kind .. " " .. item.id .. ": " .. known.refused)
    end
    foyer.run("settle", { kind = item.kind, id = item.id, version = item.version, known = known, result = result })
  end
end)

-- ---- Everybody again -----------------------------------------------------------------------------------------------

foyer.transaction("read_resync", function() return foyer.kv.get("resync") or {} end)

-- A page and how far it goes are one change: after a crash it goes on there.
foyer.transaction("mark_page", function(_, args)
  for _, id in ipairs(args.ids) do mark(args.kind, id, true) end
  foyer.kv.set("resync", args.state)
end)

foyer.job("resync", { every = "1m", describe = "marks everybody, once for each word of resync" }, function(ctx)
  if not ctx.settings.base:find("%S") then return end
  local state = foyer.run("read_resync", { at = foyer.time.now() })
  if state.word ~= ctx.settings.resync then state = { word = ctx.settings.resync, kind = "company" } end
  for _ = 1, 20 do
    if not state.kind then return end -- done
    if state.kind == "company" and not ctx.settings.companies:find("%S") then state.kind = "client" end
    local answer = foyer.api("GET", state.kind == "client" and "/v1/clients" or "/v1/companies",
      { query = { limit = 100, nextToken = state.page } })
    if answer.status ~= 200 then error("the list cannot be read: " .. answer.body.message) end
    local ids = foyer.json.array {}
    for i, one in ipairs(answer.body.data) do ids[i] = one.id end
    local kind, page = state.kind, answer.body.nextToken
    if not page then
      state = { word = state.word, kind = kind == "company" and "client" or nil }
    else
      state = { word = state.word, kind = kind, page = page }
    end
    foyer.run("mark_page", { kind = kind, ids = ids, state = state })
  end
end)

foyer.command("resync", { describe = "looks at everybody again" }, function(ctx)
  foyer.run("mark_page", { ids = foyer.json.array {}, state = { word = ctx.settings.resync, kind = "company" } })
  return "all are marked within a minute or two, and sent after that; `status` tells how far it is"
end)

foyer.transaction("look", function()
  local found = { paused = foyer.kv.get("paused") ~= nil, waiting = 0, refused = foyer.json.array {} }
  for _, kind in ipairs(KINDS) do
    found.waiting = found.waiting + #foyer.kv.list("dirty/" .. kind .. "/", { limit = 1000 })
    for _, entry in ipairs(foyer.kv.list("known/" .. kind .. "/", { limit = 1000 })) do
      if entry.value.refused and #found.refused < 50 then
        found.refused[#found.refused + 1] = { what = entry.key:sub(#"known/" + 1), why = entry.value.refused }
      end
    end
  end
  return found
end)

foyer.command("status", { describe = "tells what waits, and whom the CRM does not take" }, function()
  local found = foyer.run("look")
  local lines = { found.waiting .. " wait" .. (found.paused and "; the CRM has asked to wait" or "") }
  for _, one in ipairs(found.refused) do lines[#lines + 1] = one.what .. "  " .. one.why end
  return table.concat(lines, "\n")
end)
