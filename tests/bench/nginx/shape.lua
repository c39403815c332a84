-- Shape: the JSON of a client in Foyer's bytes, as pieces of a table that is kept and joined once.
local bit = require("bit")
local ffi = require("ffi")
local sqlite = require("sqlite")

local shape = {}

-- The columns that client() takes; the last is the token of an open invite.
shape.COLUMNS = [[t.seq, t.id, t.given_name, t.family_name, t.email, t.company_ids, t.status, t.phone, t.position,
  t.tags, t.account_manager, t.custom_fields, t.avatar_url, t.fallback_color, t.creation_method, t.first_login_at,
  t.last_login_at, t.last_activity_at, t.created_at, t.updated_at,
  CASE WHEN t.status = 2 THEN NULL ELSE (SELECT k.id FROM invites i JOIN tokens k
  ON k.subject = i.id AND k.purpose = 'invite.link' WHERE i.workspace = t.workspace
  AND i.client = t.seq AND i.accepted_at IS NULL AND i.cancelled_at IS NULL) END]]

local STATUSES = { [0] = "notInvited", "invited", "active" }
local METHODS = { [0] = "internalUser", "client", "directSignUp", "import" }
local ESCAPES = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n",
  ["\226\128\168"] = "\\u2028", ["\226\128\169"] = "\\u2029",
}
local HEX = ffi.new("uint16_t[256]")

for i = 0, 255 do
  local pair = string.format("%02x", i)

  HEX[i] = pair:byte(1) + pair:byte(2) * 256 -- little end first, as every machine that runs this
end

local uuid = ffi.new("union { char text[36]; uint8_t at[36]; }")

local function put_pair(to, pair)
  uuid.at[to] = bit.band(pair, 255)
  uuid.at[to + 1] = bit.rshift(pair, 8)
end

local function uuid_text(id)
  local to = 0

  for i = 0, 15 do
    if i == 4 or i == 6 or i == 8 or i == 10 then
      uuid.at[to] = 45
      to = to + 1
    end
    put_pair(to, HEX[bit.band(id[i], 255)])
    to = to + 2
  end
  return ffi.string(uuid.text, 36)
end

local function id(row, column)
  local at, len = sqlite.blob(row, column)

  return len == 16 and '"' .. uuid_text(at) .. '"' or "null"
end

local function escaped(c) return ESCAPES[c] or string.format("\\u%04x", c:byte()) end

-- As Foyer: < > & and the line separators are escaped too.
local function quoted(text)
  if text:find('[%z\1-\31"\\<>&\226]') then
    text = text:gsub('[%z\1-\31"\\<>&]', escaped):gsub("\226\128[\168\169]", ESCAPES)
  end
  return '"' .. text .. '"'
end

local function text(row, column)
  local value = sqlite.text(row, column)

  return value and quoted(value) or "null"
end

-- Days since 1970 to a date, counted in eras of 400 years from March.
local function date(days)
  local shifted = days + 719468
  local era = math.floor(shifted / 146097)
  local of_era = shifted - era * 146097
  local leap_days = math.floor(of_era / 1460) - math.floor(of_era / 36524) + math.floor(of_era / 146096)
  local year = math.floor((of_era - leap_days) / 365)
  local of_year = of_era - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * of_year + 2) / 153)

  return year + era * 400 + (month >= 10 and 1 or 0), month < 10 and month + 3 or month - 9,
    of_year - math.floor((153 * month + 2) / 5) + 1
end

-- The second of a time is often that of the time before.
local last_second, last_text = -1, ""

local function time(row, column)
  local micros = sqlite.int(row, column)
  local second = math.floor(micros / 1000000)

  if micros == 0 then return "null" end
  if second ~= last_second then
    local year, month, day = date(math.floor(second / 86400))
    local of_day = second % 86400

    last_second = second
    last_text = string.format('"%04d-%02d-%02dT%02d:%02d:%02d.', year, month, day, math.floor(of_day / 3600),
      math.floor(of_day / 60) % 60, of_day % 60)
  end
  return last_text .. string.format('%06dZ"', micros - second * 1000000)
end

local function companies(row)
  local at, len = sqlite.blob(row, 5)

  if len == 0 then return "null", "" end
  local first = '"' .. uuid_text(at) .. '"'
  local all = first

  for i = 16, len - 1, 16 do all = all .. ',"' .. uuid_text(at + i) .. '"' end
  return first, all
end

-- Adds its pieces to out, whose length is n; gives the new length.
function shape.client(row, out, n)
  local first, all = companies(row)

  out[n + 1], out[n + 2] = '{"id":', id(row, 1)
  out[n + 3], out[n + 4] = ',"object":"client","createdAt":', time(row, 18)
  out[n + 5], out[n + 6] = ',"updatedAt":', time(row, 19)
  out[n + 7], out[n + 8] = ',"givenName":', text(row, 2)
  out[n + 9], out[n + 10] = ',"familyName":', text(row, 3)
  out[n + 11], out[n + 12] = ',"email":', text(row, 4)
  out[n + 13], out[n + 14] = ',"companyId":', first
  out[n + 15], out[n + 16] = ',"companyIds":[', all
  out[n + 17], out[n + 18] = '],"status":"', STATUSES[sqlite.int(row, 6)]
  out[n + 19], out[n + 20] = '","phone":', text(row, 7)
  out[n + 21], out[n + 22] = ',"position":', text(row, 8)
  out[n + 23], out[n + 24] = ',"tags":', sqlite.text(row, 9)
  out[n + 25], out[n + 26] = ',"accountManagerId":', id(row, 10)
  out[n + 27], out[n + 28] = ',"customFields":', sqlite.text(row, 11)
  out[n + 29], out[n + 30] = ',"avatarImageUrl":', text(row, 12)
  out[n + 31], out[n + 32] = ',"fallbackColor":', text(row, 13)
  out[n + 33], out[n + 34] = ',"inviteUrl":null,"creationMethod":"', METHODS[sqlite.int(row, 14)]
  out[n + 35], out[n + 36] = '","firstLoginDate":', time(row, 15)
  out[n + 37], out[n + 38] = ',"lastLoginDate":', time(row, 16)
  out[n + 39], out[n + 40] = ',"lastActivityDate":', time(row, 17)
  out[n + 41] = "}"
  return n + 41
end

-- Direction, sort, NUL, then kind, length and bytes of the value.
function shape.next_token(sort, value)
  local bytes = {}

  for i = 8, 1, -1 do
    bytes[i] = string.char(value % 256)
    value = math.floor(value / 256)
  end
  local token = "-client\0" .. sort .. "\0i\0\0\0\8" .. table.concat(bytes)

  return (ngx.encode_base64(token, true):gsub("[+/]", { ["+"] = "-", ["/"] = "_" }))
end

return shape
