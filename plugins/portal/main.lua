-- The pages that people open: invitations, signing in, the home of the portal, one's own account.
--
-- Each page is a template of the same name in templates/, shown inside of layout.html. What a page is
-- given stands in the comment at the head of its template; words are in lib/words.lua.
local foyer = require("foyer")
local words = require("lib.words")
local device = require("lib.device")

local template = foyer.template

-- Colours travel in the address of a style sheet: inline styles are forbidden by the pages' policy.
local function brand(workspace)
  local function hex(color)
    return (color or ""):match("^#(%x%x%x%x%x%x)$") or "2f5d50"
  end
  if not workspace then
    return "2f5d50-1f2a2e-ffffff"
  end
  return hex(workspace.accent) .. "-" .. hex(workspace.sidebar) .. "-" .. hex(workspace.sidebarText)
end

-- The firm stands for its picture with its first letter.
local function initial(name)
  return (name:match("^%s*([%z\1-\127\194-\244][\128-\191]*)") or "F"):upper()
end

-- Why something was refused, in the language of the page; what it has no words for, in English.
local function message(say, data)
  local fault = say.faults[data.code]
  if data.code == "too_many_attempts" and (data.retryAfter or 0) > 90 then
    fault = say.faults.too_many_attempts_long
    return (fault:gsub("#", tostring((data.retryAfter + 59) // 60)))
  end
  return fault or data.message or ""
end

-- "2026-11-28 04:13"
local function minute(time)
  return ((time or ""):sub(1, 16):gsub("T", " "))
end

local function sessions_of(list, say)
  local sessions = {}
  for i, session in ipairs(list or {}) do
    sessions[i] = {
      id = session.id,
      device = device.name(session.userAgent, say),
      address = session.address or "",
      seen = minute(session.lastSeenAt),
      current = session.isCurrent == true,
    }
  end
  return sessions
end

-- is_inside: whoever sees it is signed in.
local function page(name, title, is_inside, members)
  local body = template.load(name .. ".html")
  local layout = template.load("layout.html")

  foyer.render("page." .. name, function(_, data)
    local say = words.of(data.locale)
    local variables = {
      say = say,
      firm = data.workspace and data.workspace.name or "Foyer",
      code = data.code or "",
      message = message(say, data),
    }
    for _, key in ipairs(members) do
      local value = data[key]
      variables[key] = value == nil and "" or value
    end
    if name == "account" then variables.sessions = sessions_of(data.sessions, say) end
    return {
      html = layout({
        say = say,
        page = name,
        title = (data.code == "not_found" or data.code == "method_not_allowed") and say.missing_title or say[title],
        firm = variables.firm,
        initial = initial(variables.firm),
        person = is_inside and variables.givenName .. " " .. variables.familyName or "",
        brand = brand(data.workspace),
        is_inside = is_inside,
        navigation = data.navigation or {},
        current = "",
        notice = "",
        style = "",
        script = "",
        body = body(variables),
      }),
    }
  end)
end

page("invite", "invite_title", false, { "state", "token", "givenName", "email", "kind" })
page("set_password", "password_title", false, { "state", "action", "givenName", "email", "signsIn", "done" })
page("sign_in", "sign_in_title", false, { "email", "workspaceId" })
page("forgot", "forgot_title", false, { "email", "workspaceId", "sent" })
page("problem", "problem_title", false, { "status", "requestId" })
page("home", "home_title", true, { "kind", "givenName", "familyName", "email", "isStaff", "hasSeveral" })
page("workspaces", "workspaces_title", true, { "givenName", "familyName", "places" })
page("account", "account_title", true,
  { "kind", "givenName", "familyName", "email", "isStaff", "phone", "position", "saved", "about" })

-- The entry that a page belongs to: its own, or that of the page above it.
local function current(navigation, path)
  local found = ""
  for _, entry in ipairs(navigation) do
    local is_above = foyer.text.starts(path, entry.href .. "/")
    if (path == entry.href or is_above) and #entry.href > #found then found = entry.href end
  end
  return found
end

-- What stands around the pages of plugins; they come into the place of `slot`.
local layout = template.load("layout.html")

foyer.render("page.plugin", function(_, data)
  local firm = data.workspace and data.workspace.name or "Foyer"
  return {
    html = layout({
      say = words.of(data.locale),
      page = "plugin",
      title = data.title,
      firm = firm,
      initial = initial(firm),
      person = data.person or "",
      brand = brand(data.workspace),
      is_inside = data.navigation ~= nil,
      navigation = data.navigation or {},
      current = current(data.navigation or {}, data.path),
      notice = data.notice or "",
      style = data.style or "",
      script = data.script or "",
      body = data.slot,
    }),
  }
end)
