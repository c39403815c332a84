-- The pages that people open: invitations, signing in, the home of the portal.
--
-- Each page is a template of the same name in templates/, shown inside of layout.html. What a page is
-- given stands in the comment at the head of its template; words are in lib/words.lua.
local foyer = require("foyer")
local words = require("lib.words")

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

local function page(name, title, prepare)
  local body = template.load(name .. ".html")
  local layout = template.load("layout.html")

  foyer.render("page." .. name, function(_, data)
    local say = words.of(data.locale)
    local variables = {
      say = say,
      firm = data.workspace and data.workspace.name or "Foyer",
      errors = data.errors or {},
      message = data.message or "",
    }
    for _, key in ipairs(prepare) do
      local value = data[key]
      variables[key] = value == nil and "" or value
    end
    local inside = body(variables)
    return {
      html = layout({
        language = say.language,
        title = say[title],
        firm = variables.firm,
        brand = brand(data.workspace),
        skip = say.skip,
        signed_in = name == "home",
        sign_out = say.sign_out,
        body = inside,
      }),
    }
  end)
end

page("invite", "invite_title", { "state", "token", "givenName", "email" })
page("set_password", "password_title", { "state", "action", "givenName", "email", "signsIn", "done" })
page("sign_in", "sign_in_title", { "email", "workspaceId", "notice" })
page("forgot", "forgot_title", { "email", "sent" })
page("home", "home_title", { "kind", "givenName", "familyName", "email", "isStaff" })
page("problem", "problem_title", { "status", "code", "requestId" })
