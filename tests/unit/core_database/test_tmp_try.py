import psycopg
import pytest, time, socket
def test_a(database_url, owner_url):
    with psycopg.connect(database_url) as c:
        print(c.execute("select current_user, current_database()").fetchone())
        print(c.execute("select relname, relowner::regrole from pg_class where relnamespace='public'::regnamespace").fetchall())
def test_b(cluster, migrated_template):
    for n in range(5):
        t=time.perf_counter(); cluster.create_database(f"q{n}", template=migrated_template); t2=time.perf_counter(); cluster.drop_database(f"q{n}"); print(t2-t, time.perf_counter()-t2)
def test_c():
    with pytest.raises(Exception) as e, pytest.warns():
        socket.create_connection(("93.184.216.34",80),timeout=2)
    print(repr(e.value))
