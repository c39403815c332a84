local test = require("test")

local staff = { kind = "internalUser", id = test.id("ann"), permissions = { "create_clients", "edit_clients" } }

local function code_of(t, email)
  return t.filter("client.create", { actor = staff, input = { givenName = "Jane", email = email } }).code
end

test("addresses of free mail are refused, whatever their case", function(t)
  t.equal(code_of(t, "jane@gmail.com"), "domain_refused")
  t.equal(code_of(t, "jane@GMail.com"), "domain_refused")
  t.equal(code_of(t, "jane@mail.gmx.net"), "domain_refused")
end)

test("others are taken, also those that only look alike", function(t)
  t.equal(code_of(t, "jane@example.com"), nil)
  t.equal(code_of(t, "jane@notgmail.com"), nil)
end)

test("the refusal names the field", function(t)
  local answer = t.filter("client.create", { actor = staff, input = { email = "jane@gmail.com" } })
  t.equal(answer.field, "email")
  t.equal(answer.message, "Use the address of your company: gmail.com is not taken here.")
end)

test("a client keeps the address that it has", function(t)
  local client = { id = test.id("jane"), email = "jane@gmail.com" }
  local question = { actor = staff, target = client, input = { givenName = "Janet" } }

  t.equal(t.filter("client.update", question).code, nil)
  question.input = { email = "janet@gmail.com" }
  t.equal(t.filter("client.update", question).code, "domain_refused")
end)

test("a workspace lets its own domains in alone, by every road", function(t)
  local w = t.workspace { settings = { allowed = "rockets.example" } }
  local jane = { givenName = "Jane", familyName = "Doe", email = "jane@boats.example" }

  t.refused(w.owner:post("/v1/clients", jane), 422, "domain_refused", "email")
  jane.email = "jane@mail.rockets.example"
  local client = w:client(jane)
  t.refused(w.owner:patch("/v1/clients/" .. client.id, { email = "jane@gmail.com" }), 422, "domain_refused")
  t.equal(w.owner:get("/v1/clients/" .. client.id).body.email, jane.email)
end)
