-- Signatures: Standard Webhooks, and x-copilot-signature.
local foyer = require("foyer")

local signature = {}

-- "v1,BASE64" over id, time and body, by the bytes that the secret stands for.
function signature.standard(secret, id, timestamp, body)
  local key = foyer.crypto.unbase64(secret:sub(#"whsec_" + 1))
  local digits = foyer.crypto.hmac(key, id .. "." .. timestamp .. "." .. body)
  return "v1," .. foyer.crypto.base64(foyer.crypto.unhex(digits))
end

-- Hexadecimal digits over the body, by the text of the secret.
function signature.copilot(secret, body)
  return foyer.crypto.hmac(secret, body)
end

-- All headers. While a secret is being replaced, Standard Webhooks takes a signature of each; x-copilot-signature has
-- room for one, which is the new secret's.
function signature.headers(secrets, id, timestamp, body)
  local signatures = { signature.standard(secrets.secret, id, timestamp, body) }
  if secrets.previousSecret then
    signatures[2] = signature.standard(secrets.previousSecret, id, timestamp, body)
  end
  return {
    ["content-type"] = "application/json",
    ["webhook-id"] = id,
    ["webhook-timestamp"] = timestamp,
    ["webhook-signature"] = table.concat(signatures, " "),
    ["x-copilot-signature"] = signature.copilot(secrets.secret, body),
  }
end

return signature
