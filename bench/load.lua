-- SPDX-License-Identifier: GPL-3.0-or-later
-- wrk's script. Arguments after "--": the bearer token; "read" FIRST STEP COUNT, or "create" PREFIX.
local threads = 0

function setup(thread)
	thread:set("number", threads)
	threads = threads + 1
end

function init(arguments)
	made = 0
	token, verb = arguments[1], arguments[2]
	if verb == "read" then
		first, step, count = tonumber(arguments[3]), tonumber(arguments[4]), tonumber(arguments[5])
		math.randomseed(number + 1)
	else
		prefix = arguments[3]
	end
	headers = { Authorization = "Bearer " .. token, ["Content-Type"] = "application/json" }
end

function request()
	if verb == "read" then
		local id = first + step * math.random(0, count - 1)
		return wrk.format("GET", string.format("/api/v1/identities/idn_%d", id), headers)
	end
	made = made + 1
	local domain = string.format("%s%dn%d.load.com", prefix, number, made)
	return wrk.format("POST", "/api/v1/identities", headers, '{"sender": "' .. domain .. '"}')
end

function done(summary, latency)
	local errors = summary.errors
	io.write(string.format('{"a_second": %.1f, "p50_ms": %.3f, "p99_ms": %.3f, "refused": %d, '
		.. '"failed": %d}\n', summary.requests / summary.duration * 1e6,
		latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, errors.status,
		errors.connect + errors.read + errors.write + errors.timeout))
end
