/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A body as SES's requests are read: a JSON answer comes of everything that does not
 * hold. */
#include <assert.h>

#include "api/ses_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(struct ses_input *in)
{
	size_t count;
	const json_t *object = ses_input_object(in, in->root, "Content");
	const json_t *list = ses_input_list(in, in->root, "Tags");
	struct str name = ses_input_text(in, in->root, "EmailIdentity");
	(void)ses_input_texts(in, object, "ToAddresses", &count);
	(void)ses_input_blob(in, object, "Data");
	for (size_t i = 0; i < json_array_size(list) && i < 20; i++)
		ses_input_need(in, ses_input_item(in, list, i), "tags.member");
	ses_input_need(in, name.data, "emailIdentity");
	ses_input_length(in, name, 10, "emailIdentity");
	ses_input_enum(in, name, "[A, BC]", "emailIdentity");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;
	struct http_request request = { .body = str_of(data, size), .arena = &a };
	struct http_response response = { .status = 0 };
	struct call c = { .request = &request,
			  .response = &response,
			  .arena = &a,
			  .request_id = STR("id") };
	struct ses_input in;
	arena_init(&a, 64 * 1024 * 1024);
	buf_init(&response.body, 1024 * 1024);
	bool holds = ses_input_open(&in, &c);
	if (holds) {
		read_all(&in);
		holds = ses_input_holds(&in);
	}
	assert(holds == (response.status == 0));
	json_t *answer = json_loadb(response.body.data, response.body.len, 0, NULL);
	assert(holds == !answer);
	json_decref(answer);
	buf_done(&response.body);
	arena_done(&a);
	return 0;
}
