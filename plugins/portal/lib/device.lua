-- What a browser says of itself, as a person would say it: "Firefox on Linux".
local device = {}

-- The first that is found: most browsers claim to be their elders as well.
local browsers = {
  { "Edg", "Edge" }, { "OPR/", "Opera" }, { "SamsungBrowser", "Samsung Internet" }, { "Firefox/", "Firefox" },
  { "FxiOS/", "Firefox" }, { "CriOS/", "Chrome" }, { "Chrome/", "Chrome" }, { "Version/", "Safari" },
}
local systems = {
  { "iPhone", "iPhone" }, { "iPad", "iPad" }, { "Android", "Android" }, { "Windows", "Windows" },
  { "Mac OS X", "macOS" }, { "CrOS", "ChromeOS" }, { "Linux", "Linux" },
}

local function first(agent, list)
  for _, pair in ipairs(list) do
    if agent:find(pair[1], 1, true) then return pair[2] end
  end
end

function device.name(agent, say)
  if not agent or agent == "" then return say.unknown_device end
  local browser, system = first(agent, browsers), first(agent, systems)
  if browser and system then return browser .. " " .. say.on .. " " .. system end
  return browser or system or agent:match("^[^/ ]+") or say.unknown_device
end

return device
