-- What the CRM is asked, and what its answers mean.

local foyer = require("foyer")

local crm = {}

local function trimmed(text) return foyer.text.trim(text) end

-- "givenName=first_name, …" as { { from =, to = } }.
function crm.mapping(text)
  local fields = {}
  for _, piece in ipairs(foyer.text.split(text, ",")) do
    if piece:find("%S") then
      local from, to = piece:match("^%s*([%w_.]+)%s*=%s*([%w_.-]+)%s*$")
      if not from then error("the mapping of fields has \"" .. trimmed(piece) .. "\": write FOYER=CRM") end
      fields[#fields + 1] = { from = from, to = to }
    end
  end
  return fields
end

-- What is sent of a client or company. company: the CRM's id of its company; nil: none is known.
function crm.payload(entity, mapping, external_id, company)
  local payload = { [external_id] = entity.id }
  for _, field in ipairs(mapping) do
    local custom = field.from:match("^customFields%.(.+)$")
    local value
    if custom then
      value = (entity.customFields or {})[custom]
    elseif field.from == "companyId" then
      value = company
    else
      value = entity[field.from]
    end
    payload[field.to] = value == nil and foyer.json.null or value -- what was emptied here is emptied there
  end
  return payload
end

function crm.request(settings, method, path, body, key)
  local token = foyer.secret("token")
  if not token then error("set the token of the CRM") end
  local headers = { Accept = "application/json", ["Idempotency-Key"] = key }
  if settings.auth == "bearer" then
    headers.Authorization = token:prefixed("Bearer ")
  elseif settings.auth == "basic" then
    headers.Authorization = token:basic(settings.user)
  else
    headers["X-API-Key"] = token
  end
  local base = trimmed(settings.base):gsub("/+$", "")
  return foyer.http.fetch(base .. path, { method = method, json = body, headers = headers, timeout = 8 })
end

-- The value of a JSON answer, or nil.
local function decoded(answer)
  local value = foyer.json.decode(answer.body)
  return type(value) == "table" and value or nil
end

-- The id in an answer: at its top, or in `data`.
local function id_of(settings, answer)
  local value = decoded(answer) or {}
  local id = value[settings.id]
  if id == nil and type(value.data) == "table" then id = value.data[settings.id] end
  if type(id) ~= "string" and type(id) ~= "number" then return nil end
  return tostring(id)
end

-- Seconds that a 429 (or a 503 that says when) asks to wait for; nil: it does not. A date is taken for a minute.
local function wait_of(answer)
  local after = answer.headers["retry-after"]
  if answer.status ~= 429 and not (answer.status == 503 and after) then return nil end
  return math.max(1, math.min(tonumber(after or "") or 60, 3600))
end

-- Of whom the CRM says that it is there already: its id, by what the answer has, or by asking for ours.
local function known_there(settings, path, answer, id)
  local found = id_of(settings, answer)
  if found then return found end
  answer = crm.request(settings, "GET", path .. "?" .. settings.external_id .. "=" .. foyer.text.url(id))
  local value = answer.status == 200 and decoded(answer) or {}
  local list = value.data or value.results or value
  local first = type(list) == "table" and list[1]
  return first and first[settings.id] and tostring(first[settings.id]) or nil
end

-- Makes or changes one. Gives { id = }, { wait = seconds }, or { refused = why }; raises where another try may help.
function crm.put(settings, path, id, known, payload, key)
  local answer
  if known then
    answer = crm.request(settings, "PATCH", path .. "/" .. foyer.text.url(known), payload, key)
    if answer.status == 404 or answer.status == 410 then known = nil end -- somebody has deleted it there
  end
  if not known then
    answer = crm.request(settings, "POST", path, payload, key)
    if answer.status == 409 then
      known = known_there(settings, path, answer, id)
      if not known then return { refused = "it has one already, and does not say which: 409" } end
      answer = crm.request(settings, "PATCH", path .. "/" .. foyer.text.url(known), payload, key)
    end
  end
  local wait = wait_of(answer)
  if wait then return { wait = wait } end
  if answer.status < 300 then
    known = known or id_of(settings, answer)
    if not known then return { refused = "its answer has no \"" .. settings.id .. "\"" } end
    return { id = known }
  end
  local why = answer.status .. ": " .. answer.body:sub(1, 200)
  if answer.status == 401 or answer.status == 403 or answer.status >= 500 then error("the CRM says " .. why) end
  return { refused = why }
end

-- { id = nil } once it is gone, also where it was.
function crm.delete(settings, path, known)
  local answer = crm.request(settings, "DELETE", path .. "/" .. foyer.text.url(known))
  local wait = wait_of(answer)
  if wait then return { wait = wait } end
  if answer.status < 300 or answer.status == 404 or answer.status == 410 then return {} end
  local why = answer.status .. ": " .. answer.body:sub(1, 200)
  if answer.status == 401 or answer.status == 403 or answer.status >= 500 then error("the CRM says " .. why) end
  return { refused = why }
end

return crm
