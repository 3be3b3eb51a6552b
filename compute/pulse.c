#include "compute/pulse.h"

#include "common/clock.h"

static void on_beat(void *pulse)
{
    struct pulse *p = pulse;

    heartbeat_beat(&p->heart, clock_ns());
}

static void on_end(uv_prepare_t *end)
{
    struct pulse *p = end->data;
    uint64_t now_ns = clock_ns(), waited_ns = uv_metrics_idle_time(end->loop);

    if (p->timer.fd < 0)
        heartbeat_infer(&p->heart, now_ns, waited_ns);
    heartbeat_wait(&p->heart, now_ns, waited_ns);
}

int pulse_start(struct pulse *p, uv_loop_t *loop, bool with_timer)
{
    int error = uv_loop_configure(loop, UV_METRICS_IDLE_TIME);

    p->timer.fd = -1;
    heartbeat_start(&p->heart, clock_ns());
    if (error == 0 && with_timer)
        error = kernel_timer_start(&p->timer, loop, on_beat, p);
    if (error < 0)
        return error;
    if (with_timer)
        kernel_timer_set(&p->timer, p->heart.due_ns, HEARTBEAT_NS);
    uv_prepare_init(loop, &p->end);
    p->end.data = p;
    uv_unref((uv_handle_t *)&p->end);
    return uv_prepare_start(&p->end, on_end);
}

void pulse_stop(struct pulse *p)
{
    if (p->timer.fd >= 0)
        heartbeat_beat(&p->heart, clock_ns());
    on_end(&p->end);
    kernel_timer_stop(&p->timer);
    uv_close((uv_handle_t *)&p->end, NULL);
}

enum activity pulse_enter(struct pulse *p, enum activity activity, uint64_t id)
{
    return heartbeat_enter(&p->heart, activity, id, clock_ns());
}
