-- Clients are made with addresses of chosen domains alone: those of the firms that are served, or no free mail.

local foyer = require("foyer")

foyer.settings {
  allowed = { type = "text", default = "", help = "Domains with blanks between them; empty: all but the refused." },
  refused = { type = "text", default = "gmail.com hotmail.com yahoo.com gmx.net",
    help = "Domains that are never taken." },
}

-- "mail.example.com" belongs to "example.com".
local function is_in(domain, list)
  for _, one in ipairs(foyer.text.split(list:lower(), " ")) do
    if one ~= "" and (domain == one or foyer.text.ends(domain, "." .. one)) then return true end
  end
  return false
end

local function check(ctx, client)
  -- an address that stays is nobody's business: clients from before the list keep theirs
  local before = ctx.action == "client.update" and ctx.target.email or nil
  if not client.email or client.email == before then return end

  local domain = client.email:match("@([^@]+)$"):lower()
  local allowed = ctx.settings.allowed
  if is_in(domain, ctx.settings.refused) or (allowed:find("%S") and not is_in(domain, allowed)) then
    return foyer.reject("domain_refused", "Use the address of your company: " .. domain .. " is not taken here.",
      { field = "email" })
  end
end

foyer.filter("client.create", { stage = "validate", describe = "addresses of chosen domains" }, check)
foyer.filter("client.update", { stage = "validate", describe = "addresses of chosen domains" }, check)
