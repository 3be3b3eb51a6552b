#include "report/claims.h"

int claims_judge(struct dataset *dataset, const char *text, struct error *error)
{
    (void)text;
    if (sqlite3_exec(dataset->db,
                     "CREATE TABLE claims (run); CREATE TABLE claims_by_language (run)", NULL, NULL,
                     NULL) != SQLITE_OK)
        return error_set(error, -1, "%s", sqlite3_errmsg(dataset->db));
    return 0;
}
