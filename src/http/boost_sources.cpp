// The one unit that compiles what Asio and Beast need not compile in every unit.
#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
