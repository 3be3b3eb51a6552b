#include "choose/choose.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "choose/predict.h"
#include "common/json.h"
#include "report/embedded.h"

#define SCHEMA "choose.parameters/1"

int choose_open(struct dataset *dataset, const char *path, const json_t *question,
                struct error *error)
{
    char reason[JSON_ERROR_SIZE] = "the built-in parameters are broken";
    json_t *said = path != NULL ? json_file_load(path, reason)
                                : json_loads(embedded_reference_json, 0, NULL);
    char *parameters = json_dumps(said, 0), *asked = json_dumps(question, 0);
    int code = 0;

    if (said == NULL)
        code = error_set(error, -EINVAL, "%s", reason);
    else if (strcmp(json_text_at(said, "schema", ""), SCHEMA) != 0)
        code = error_set(error, -EINVAL, "%.300s: these are no parameters (" SCHEMA ")", path);
    else if (sqlite3_create_function(dataset->db, "predicted", 2, SQLITE_UTF8, NULL, predicted,
                                     NULL, NULL) != SQLITE_OK ||
             sqlite3_create_function(dataset->db, "fitted", 2, SQLITE_UTF8, NULL, fitted, NULL,
                                     NULL) != SQLITE_OK ||
             dataset_execute(dataset,
                             "CREATE TEMP TABLE choose AS SELECT ? said, ? parameters, "
                             "coalesce(?, '{}') question",
                             "sss", embedded_choose_json, parameters, asked) < 0)
        code = error_set(error, -ENOMEM, "%s", sqlite3_errmsg(dataset->db));
    else
        code = dataset_run(dataset, embedded_choosing_sql, error);
    free(asked);
    free(parameters);
    json_decref(said);
    return code;
}
